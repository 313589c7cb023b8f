import type { Signals } from './signals.ts';

/** What a page says, or that it is another program's page, which is never read as zero. */
export type SignalsOutcome =
  | { readonly ok: true; readonly signals: Signals }
  | { readonly ok: false; readonly failure: 'wrong-engine'; readonly message: string };

/** Signals of a page that says nothing. */
export const absentSignals: Signals = {
  running: undefined,
  waiting: undefined,
  concurrency: undefined,
  capacity: undefined,
  kvCacheRatio: undefined,
  requestsTotal: undefined,
  stepsTotal: undefined,
  timeToFirstTokenSecondsSum: undefined,
  timeToFirstTokenCount: undefined,
  inferred: false,
  asleep: false,
  models: [],
  problems: [],
};
