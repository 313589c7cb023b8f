import type { Answer, KedaClient } from './keda-client.ts';
import { inWords } from './keda-client.ts';
import { until } from './until.ts';

/** What an answer must repeat itself, asked every 100 ms: longer than one interval between scrapes. */
const SETTLED_AFTER = 15;

/** Asks until the same true thing was said often enough in a row. */
export async function settles(
  keda: KedaClient,
  what: string,
  isTrue: (answer: Answer) => boolean,
  patienceMs?: number,
): Promise<string> {
  const startedMs = performance.now();
  let latest: Answer | undefined;
  let inARow = 0;
  let sinceMs = startedMs;
  const look = async (): Promise<true | undefined> => {
    latest = await keda.ask();
    if (!isTrue(latest)) inARow = 0;
    else if (++inARow === 1) sinceMs = performance.now();
    return inARow >= SETTLED_AFTER ? true : undefined;
  };
  await until(what, look, { latest: () => inWords(latest), ...(patienceMs !== undefined && { patienceMs }) });
  return `${inWords(latest)} after ${Math.round(sinceMs - startedMs)} ms`;
}

export function isExactly(answer: Answer, value: number): answer is Extract<Answer, { ok: true }> {
  return answer.ok && Object.is(answer.float, value) && answer.integer === value;
}

export function settlesAt(keda: KedaClient, value: number, patienceMs?: number): Promise<string> {
  const active = value > 0;
  const what = `exactly ${value}, ${active ? 'active' : 'inactive'}`;
  return settles(keda, what, (answer) => isExactly(answer, value) && answer.active === active, patienceMs);
}

/** Stays so for a while: no answer in between says anything else. */
export async function stays(keda: KedaClient, value: number, looks: number): Promise<string> {
  for (let look = 0; look < looks; look++) {
    const answer = await keda.ask();
    if (!isExactly(answer, value)) throw new Error(`expected exactly ${value}, found ${inWords(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return `exactly ${value} at ${looks} looks`;
}
