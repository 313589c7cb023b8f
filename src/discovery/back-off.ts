const firstDelayMs = 100;
const longestDelayMs = 30_000;

/**
 * How long to wait before the next attempt, after `failures` in a row that came to nothing: 100 ms doubling to 30 s,
 * of which the upper half is chance, so that many watches cut at one instant don't return at one instant. Even without
 * a failure it is not zero: a server that ends every answer at once is asked at most 20 times a second.
 */
export function backOffMs(failures: number, random: number): number {
  const longest = Math.min(firstDelayMs * 2 ** Math.min(failures, 20), longestDelayMs);
  return longest * (0.5 + random / 2);
}
