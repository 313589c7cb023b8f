/** One line of the benchmark's table. */
export interface BenchRow {
  readonly figure: string;
  readonly value: string;
  readonly goal: string;
  /** Undefined where the figure has no goal of its own. */
  readonly holds: boolean | undefined;
  /** What it is measured beside, with that one's value in the same run. */
  readonly baseline: string;
}
