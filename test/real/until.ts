import { setTimeout as pause } from 'node:timers/promises';

const ASK_EVERY_MS = 100;

/** How long something may take on a machine that does other things besides. */
const PATIENCE_MS = 45_000;

/**
 * Asks again and again until the answer is something else than `undefined`, and gives that.
 *
 * @param latest what was seen last, for the message of the error that is thrown when patience ends.
 */
export async function until<Answer>(
  what: string,
  ask: () => Promise<Answer | undefined> | Answer | undefined,
  { latest, everyMs = ASK_EVERY_MS }: { latest?: () => string; everyMs?: number } = {},
): Promise<Answer> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadlineMs) {
      const seen = latest === undefined ? '' : `; the latest was: ${latest()}`;
      throw new Error(`expected ${what} within ${PATIENCE_MS / 1000} s${seen}`);
    }
    await pause(everyMs);
  }
}
