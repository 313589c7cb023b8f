/** How often an active trigger repeats itself while nothing runs: KEDA may drop a single message. */
export const ACTIVATION_HEARTBEAT_MS = 10_000;
/** How often it repeats itself while replicas run: polls keep KEDA's clock fresh, so this only has to be rare. */
export const RUNNING_HEARTBEAT_MS = 100_000;

/** What one open push stream was last told. */
export interface PushState {
  readonly active: boolean;
  readonly sentMs: number;
}

/** True when a stream should be sent `true` now: on the edge, and as a slow heartbeat while active. Never on a tick. */
export function shouldPush(
  last: PushState | undefined,
  active: boolean,
  replicas: number | undefined,
  nowMs: number,
): boolean {
  if (!active) return false;
  if (last === undefined || !last.active) return true;
  const heartbeatMs = replicas === 0 ? ACTIVATION_HEARTBEAT_MS : RUNNING_HEARTBEAT_MS;
  return nowMs - last.sentMs >= heartbeatMs;
}
