import type { Deployment } from '../simulate/deployment.ts';
import type { TraceRequest } from '../simulate/traffic/trace.ts';
import type { Clock } from '../time/clock.ts';

/**
 * Sends the requests at their times. One that is longer than a replica's cache can hold loses the beginning of its
 * prompt, as a client with a context limit does. Returns how many were shortened.
 */
export async function feed(
  requests: AsyncIterable<TraceRequest> | Iterable<TraceRequest>,
  deployment: Deployment,
  clock: Clock,
  signal: AbortSignal,
): Promise<number> {
  const { kvBlocks, blockTokens } = deployment.options.engine;
  const longest = kvBlocks * blockTokens;
  let shortened = 0;
  for await (const { atMs, promptTokens, outputTokens } of requests) {
    if (atMs > clock.nowMs()) await clock.sleep(atMs - clock.nowMs(), signal);
    if (signal.aborted) break;
    const outputFits = Math.min(outputTokens, longest - 1);
    const promptFits = Math.min(promptTokens, longest - outputFits);
    if (promptFits < promptTokens || outputFits < outputTokens) shortened += 1;
    deployment.submit({ promptTokens: promptFits, outputTokens: outputFits });
  }
  return shortened;
}

/** Reads the first request at once, so that a file that is no trace is known before anything starts. */
export async function primed(
  requests: AsyncIterable<TraceRequest> | Iterable<TraceRequest>,
): Promise<AsyncIterable<TraceRequest>> {
  const all = (async function* () {
    yield* requests;
  })();
  const first = await all.next();
  return (async function* () {
    if (first.done === true) return;
    yield first.value;
    yield* all;
  })();
}
