import type { Page } from '../exposition/page.ts';
import { asRecord, countField } from './json-value.ts';
import { notOnPage } from './model-filter.ts';
import { quoted } from './page-words.ts';
import type { Signals } from './signals.ts';
import { absentSignals } from './signals-outcome.ts';

/** Reads the KEDA HTTP add-on's queue, an object with one entry per route. A configured model is the key of a route. */
export function readRouteQueue(page: Page, models: readonly string[] | undefined): Signals {
  const queue = asRecord(page.json) ?? {};
  const routes = Object.keys(queue);
  if (routes.length === 0) return { ...absentSignals, problems: ['the queue has no routes yet'] };
  const chosen = models === undefined ? routes : routes.filter((route) => models.includes(route));
  const problems = (models ?? []).filter((model) => !routes.includes(model)).map((model) => notOnPage(model, routes));
  if (chosen.length === 0) return { ...absentSignals, models: routes, problems };
  const running = totalOf(queue, chosen, 'Concurrency');
  if (running === undefined) {
    const broken = chosen.filter((route) => totalOf(queue, [route], 'Concurrency') === undefined);
    problems.push(`Concurrency is not a number of requests for ${broken.map(quoted).join(', ')}`);
  }
  const requestsTotal = totalOf(queue, chosen, 'RequestCount');
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
