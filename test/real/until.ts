import { setTimeout as pause } from 'node:timers/promises';

const ASK_EVERY_MS = 100;

/** How long something may take on a machine that does other things besides. */
export const PATIENCE_MS = 45_000;

/**
 * Asks again and again until the answer is something else than `undefined`, and gives that.
 *
 * @param latest what was seen last, for the message of the error that is thrown after `patienceMs`.
 */
export async function until<Answer>(
  what: string,
  ask: () => Promise<Answer | undefined> | Answer | undefined,
  { latest, patienceMs = PATIENCE_MS }: { latest?: () => string; patienceMs?: number } = {},
): Promise<Answer> {
  const deadlineMs = performance.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadlineMs) {
      const seen = latest === undefined ? '' : `; the latest was: ${latest()}`;
      throw new Error(`expected ${what} within ${patienceMs / 1000} s${seen}`);
    }
    await pause(ASK_EVERY_MS);
  }
}
