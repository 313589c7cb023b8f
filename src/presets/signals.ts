import type { Marks, Quantities } from './quantities.ts';

/** What one page says, in base units, after selection, de-duplication and the model filter. */
export interface Signals extends Quantities, Marks {
  /** Values of the model label on the concurrency series; route keys for a queue page. */
  readonly models: readonly string[];
  /** One sentence for each quantity that is absent for a reason a user can act on. */
  readonly problems: readonly string[];
}
