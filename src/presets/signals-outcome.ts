import { marks, quantityNames } from './quantities.ts';
import type { Signals } from './signals.ts';

/** What a page says, or that it is another program's page, which is never read as zero. */
export type SignalsOutcome =
  | { readonly ok: true; readonly signals: Signals }
  | { readonly ok: false; readonly failure: 'wrong-engine'; readonly message: string };

/** Signals of a page that says nothing. */
export const absentSignals: Signals = {
  ...record(quantityNames, undefined),
  ...record(marks, false),
  models: [],
  problems: [],
};

function record<Name extends string, Value>(names: readonly Name[], value: Value): Record<Name, Value> {
  return Object.fromEntries(names.map((name) => [name, value])) as Record<Name, Value>;
}
