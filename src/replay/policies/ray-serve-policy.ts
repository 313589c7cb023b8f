import type { Autoscaler } from '../autoscaler.ts';
import { MeanWindow } from './mean-window.ts';
import { Periodic } from './periodic.ts';
import { wakeFromZero } from './wake-from-zero.ts';

export interface RayServeOptions {
  readonly targetOngoingRequests: number;
  readonly lookBackMs: number;
  readonly upscaleDelayMs: number;
  readonly downscaleDelayMs: number;
}

/** Ray looks ten times a second; what it looks at is a mean over half a minute. */
const lookMs = 1000;

/**
 * Ray Serve's default policy: running replicas times the ratio of ongoing requests to their target, rounded up; taken
 * only once every look of the delay has asked for the same direction. Handles hold requests at zero and ask for one.
 */
export function rayServePolicy(options: RayServeOptions): Autoscaler {
  return new Periodic(lookMs, (stage) => {
    const window = new MeanWindow(options.lookBackMs);
    let sinceMs = 0;
    let direction = 0;
    wakeFromZero(stage, 1);
    return (nowMs) => {
      window.record(nowMs, stage.current().openRequests);
      const wanted = Math.ceil(window.mean / options.targetOngoingRequests);
      const asked = Math.sign(wanted - stage.replicas);
      if (asked !== direction) {
        direction = asked;
        sinceMs = nowMs;
      }
      if (direction === 0 || stage.replicas === 0) return undefined;
      const delayMs = direction > 0 ? options.upscaleDelayMs : options.downscaleDelayMs;
      if (nowMs - sinceMs < delayMs) return undefined;
      sinceMs = nowMs;
      return wanted;
    };
  });
}
