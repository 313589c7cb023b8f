import type { Logger } from '../telemetry/logger.ts';

/** Something that runs until it is asked to end. Its `close` rejects with what did not end well. */
export interface Running {
  close(): Promise<void>;
}

/**
 * Starts something, and ends it once `asked` resolves: at SIGTERM or SIGINT. Returns the process's exit code: 1 where it
 * could not start or did not end well, each of which the log tells.
 */
export async function runUntilSignal(
  logger: Logger,
  start: () => Promise<Running>,
  asked: () => Promise<string> = endingSignal,
): Promise<number> {
  let running: Running | undefined;
  try {
    running = await start();
    logger.info('ending', { signal: await asked() });
    await running.close();
    logger.info('ended');
    return 0;
  } catch (error) {
    logger.error(running === undefined ? 'could not start' : 'did not end well', {
      error: error instanceof Error ? error.message : String(error),
    });
    return 1;
  }
}

/** Resolves with the signal that asks this process to end. */
function endingSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
  });
}
