/**
 * What one page says, in base units, after selection, de-duplication and the model filter.
 * `undefined` means absent: the page does not say. It is never the same as 0.
 */
export interface Signals {
  /** Requests the engine is executing. */
  readonly running: number | undefined;
  /** Requests accepted but not executing. Undefined for engines whose running number already holds them. */
  readonly waiting: number | undefined;
  /** Requests running and waiting, each counted once. */
  readonly concurrency: number | undefined;
  /** The most requests the server will run at once. */
  readonly capacity: number | undefined;
  /** Share of the KV cache in use, 0 to 1, of the fullest engine on the page. */
  readonly kvCacheRatio: number | undefined;
  /** Requests finished since the server started (a counter; falls only on a restart). */
  readonly requestsTotal: number | undefined;
  /** A counter that moves with every engine step, where the engine has one. */
  readonly stepsTotal: number | undefined;
  /** Sum of times to first token in seconds since the server started, and how many there were. */
  readonly timeToFirstTokenSecondsSum: number | undefined;
  readonly timeToFirstTokenCount: number | undefined;
  /** True when the zeros follow from request counters that are all 0, not from gauge samples. */
  readonly inferred: boolean;
  /** True when every engine on the page is in sleep mode. */
  readonly asleep: boolean;
  /** Values of the model label on the concurrency series; route keys for a queue page. */
  readonly models: readonly string[];
  /** One sentence for each quantity that is absent for a reason a user can act on. */
  readonly problems: readonly string[];
}
