import type { Page } from '../../exposition/page.ts';
import type { Signals } from '../signals.ts';
import { absentSignals } from '../signals-outcome.ts';
import { asRecord, countField } from './json-value.ts';
import { notOnPage } from './model-filter.ts';
import { quotedWord } from './page-words.ts';

interface Queue {
  readonly entries: Readonly<Record<string, unknown>>;
  readonly routes: readonly string[];
}

/**
 * Reads the KEDA HTTP add-on's queue, an object with one entry per route. A configured model is the key of a route. The
 * routes may be as many as those who ask, so that the cost of one answer must not grow with them.
 */
export function routeQueueReader(page: Page): (models?: readonly string[]) => Signals {
  const entries = asRecord(page.json) ?? {};
  const queue: Queue = { entries, routes: Object.keys(entries) };
  return (models) => readRoutes(queue, models);
}

function readRoutes({ entries, routes }: Queue, models: readonly string[] | undefined): Signals {
  if (routes.length === 0) return { ...absentSignals, problems: ['the queue has no routes yet'] };
  const isThere = (model: string) => Object.hasOwn(entries, model);
  const chosen = models === undefined ? routes : [...new Set(models)].filter(isThere);
  const problems = (models ?? []).filter((model) => !isThere(model)).map((model) => notOnPage(model, routes));
  if (chosen.length === 0) return { ...absentSignals, models: routes, problems };
  const running = totalOf(entries, chosen, 'Concurrency');
  if (running === undefined) {
    const broken = chosen.filter((route) => totalOf(entries, [route], 'Concurrency') === undefined);
    problems.push(`Concurrency is not a number of requests for ${broken.map(quotedWord).join(', ')}`);
  }
  const requestsTotal = totalOf(entries, chosen, 'RequestCount');
  return { ...absentSignals, running, concurrency: running, requestsTotal, models: routes, problems };
}

function totalOf(
  queue: Readonly<Record<string, unknown>>,
  routes: readonly string[],
  name: string,
): number | undefined {
  let total = 0;
  for (const route of routes) {
    const count = countField(asRecord(queue[route]) ?? {}, name);
    if (count === undefined) return undefined;
    total += count;
  }
  return total;
}
