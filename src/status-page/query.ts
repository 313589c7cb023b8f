import type { TriggerState } from './trigger-state.ts';
import { triggerStates } from './trigger-state.ts';

/** What a status page was asked for besides its path. What can't be understood counts as not said. */
export interface StatusQuery {
  readonly format: string | undefined;
  readonly namespace: string | undefined;
  /** Part of a ScaledObject's name. */
  readonly name: string | undefined;
  readonly show: Shown | undefined;
  /** From 1. */
  readonly page: number;
  /** The page asks for itself again after this long; `undefined`: never. */
  readonly refreshSeconds: number | undefined;
}

export type Shown = TriggerState | 'warning';
const shown: readonly Shown[] = [...triggerStates, 'warning'];

const longestSpan = 3600;

/** Reads the query of a request's target. */
export function parseStatusQuery(url: string): StatusQuery {
  const params = new URLSearchParams(/\?([^#]*)/s.exec(url)?.[1] ?? '');
  const refresh = wholeNumber(params.get('refresh'));
  return {
    format: params.get('format') ?? undefined,
    namespace: params.get('namespace') || undefined,
    name: params.get('name') || undefined,
    show: shown.find((state) => state === params.get('show')),
    page: Math.max(1, wholeNumber(params.get('page')) ?? 1),
    refreshSeconds: refresh === undefined || refresh === 0 ? undefined : Math.min(refresh, longestSpan),
  };
}

function wholeNumber(text: string | null): number | undefined {
  return text !== null && /^\d{1,6}$/.test(text) ? Number(text) : undefined;
}

/** The query of a link to the same page with something changed; a changed choice starts at the first page. */
export function queryWith(query: StatusQuery, changes: Partial<StatusQuery>): string {
  const { format, namespace, name, show, page, refreshSeconds } = { ...query, page: 1, ...changes };
  const pairs = { namespace, name, show, format, refresh: refreshSeconds, page: page === 1 ? undefined : page };
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(pairs)) if (value !== undefined) params.set(key, String(value));
  return params.size === 0 ? '?' : `?${params}`;
}
