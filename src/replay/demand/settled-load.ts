import type { Survey } from './survey.ts';

/** In the first minute what is offered is not all in work yet. */
const settledSeconds = 60;
const lookedAtSeconds = 300;

/** Requests in work in the mean over a load's first minutes: how the service is taken to have been before. */
export function settledLoad({ offered }: Pick<Survey, 'offered'>): number {
  const from = offered.length > 2 * settledSeconds ? settledSeconds : 0;
  const first = offered.subarray(from, from + lookedAtSeconds);
  return first.reduce((sum, requests) => sum + requests, 0) / first.length;
}
