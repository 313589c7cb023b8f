import type { ProbedPage } from './probed-page.ts';
import type { WatchedPage } from './watched-page.ts';

/** One JSON object with exactly these keys, `latencySums` where the page was watched; `null` for what is not known. */
export function renderProbeJson({ engine, signals, problems }: ProbedPage, watched?: WatchedPage): string {
  return JSON.stringify(
    {
      engine,
      running: signals?.running ?? null,
      waiting: signals?.waiting ?? null,
      concurrency: signals?.concurrency ?? null,
      capacity: signals?.capacity ?? null,
      kvCacheRatio: signals?.kvCacheRatio ?? null,
      models: signals?.models ?? [],
      ...(watched && { latencySums: watched.requests ?? null }),
      problems,
    },
    null,
    2,
  );
}

/** The same for people. */
export function renderProbe({ engine, signals, gpus, problems }: ProbedPage, watched?: WatchedPage): string {
  const rows: [string, string][] = [
    ['engine', engine],
    ['running', shown(signals?.running)],
    ['waiting', shown(signals?.waiting)],
    ['concurrency', shown(signals?.concurrency) + (signals?.inferred ? ' (no request was served yet)' : '')],
    ...(watched === undefined ? [] : [['watched', watched.words] satisfies [string, string]]),
    ...(engine === 'custom' && signals?.requestsTotal !== undefined
      ? [['requests', `${shown(signals.requestsTotal)} so far`] satisfies [string, string]]
      : []),
    ['capacity', shown(signals?.capacity)],
    ['kvCacheRatio', shown(signals?.kvCacheRatio)],
    [
      'models',
      signals === undefined || signals.models.length === 0 ? 'none named' : signals.models.map(safe).join(', '),
    ],
    ...gpus.map((gpu): [string, string] => [
      `gpu ${safe(gpu.gpu)}${gpu.migId === undefined ? '' : `/${safe(gpu.migId)}`}`,
      `${shown(gpu.utilizationRatio)} busy, ${shown(gpu.memoryRatio)} of memory, ` +
        (gpu.pod === undefined ? 'no pod' : `pod ${safe(gpu.namespace ?? '')}/${safe(gpu.pod)}`),
    ]),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const table = rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
  return [...table, ...problems.map((problem) => `- ${safe(problem)}`)].join('\n');
}

function shown(value: number | undefined): string {
  return value === undefined ? 'unknown' : String(value);
}

/** A page's words must not reach the terminal as commands. */
function safe(text: string): string {
  return text.replace(/\p{Cc}/gu, '\u{fffd}');
}
