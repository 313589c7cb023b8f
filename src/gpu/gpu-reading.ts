/** One GPU, or one MIG instance, as a GPU exporter's page shows it. `undefined`: not printed, or an empty label. */
export interface GpuReading {
  readonly gpu: string;
  readonly uuid: string | undefined;
  readonly migProfile: string | undefined;
  readonly migId: string | undefined;
  readonly namespace: string | undefined;
  readonly pod: string | undefined;
  readonly container: string | undefined;
  /** Busy share, 0 to 1. For a MIG instance the share of that instance. */
  readonly utilizationRatio: number | undefined;
  readonly memoryUsedMiB: number | undefined;
  readonly memoryFreeMiB: number | undefined;
  /** used / (used + free + reserved), 0 to 1. */
  readonly memoryRatio: number | undefined;
  /** The last XID error code, 0 for none. Sticky: not a count. */
  readonly xid: number | undefined;
  /** True when several pods share the device by time-slicing or MPS, so its values must not be added over pods. */
  readonly shared: boolean;
}
