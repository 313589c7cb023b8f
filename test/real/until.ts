import { setTimeout as pause } from 'node:timers/promises';

const ASK_EVERY_MS = 100;

/** How long something may take on a machine that does other things besides. */
const PATIENCE_MS = 45_000;

interface Patience {
  readonly latest?: () => string;
  readonly everyMs?: number;
  readonly patienceMs?: number;
}

/**
 * Asks again and again until the answer is something else than `undefined`, and gives that.
 *
 * @param latest what was seen last, for the message of the error that is thrown when patience ends.
 */
export async function until<Answer>(
  what: string,
  ask: () => Promise<Answer | undefined> | Answer | undefined,
  { latest, everyMs = ASK_EVERY_MS, patienceMs = PATIENCE_MS }: Patience = {},
): Promise<Answer> {
  const deadlineMs = performance.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadlineMs) {
      const seen = latest === undefined ? '' : `; the latest was: ${latest()}`;
      throw new Error(`expected ${what} within ${patienceMs / 1000} s${seen}`);
    }
    await pause(everyMs);
  }
}
