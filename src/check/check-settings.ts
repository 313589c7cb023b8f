/** What a check takes for granted, each from a flag. */
export interface CheckSettings {
  /** `host:port` of this scaler; `undefined`: hosts with `llm-scaler` in their names are ours. */
  readonly scalerAddress: string | undefined;
  /** How long a replica takes from its pod's creation until it serves, in milliseconds. */
  readonly coldStartMs: number;
}
