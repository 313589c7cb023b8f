import type { Autoscaler } from '../autoscaler.ts';
import type { Stage } from '../stage.ts';
import type { KpaSettings } from './knative.ts';
import { Kpa } from './knative.ts';
import { MeanWindow } from './mean-window.ts';
import { Periodic } from './periodic.ts';
import { wakeFromZero } from './wake-from-zero.ts';

/** Knative collects once a second and decides every two. */
const collectMs = 1000;
const decideMs = 2000;

export interface KnativeOptions extends KpaSettings {
  readonly panicWindowMs: number;
  /** How long nothing was wanted before the last pod goes. */
  readonly graceMs: number;
}

/** The pod autoscaler with its activator: requests at zero wake one pod at once, and count where they are held. */
export function knativePolicy(options: KnativeOptions): Autoscaler {
  return new Periodic(decideMs, (stage) => {
    const kpa = new Kpa(options, stage.clock.nowMs(), stage.readyReplicas);
    const stable = new MeanWindow(options.stableWindowMs);
    const panic = new MeanWindow(options.panicWindowMs);
    let idleSinceMs: number | undefined;
    stage.every(collectMs, () => {
      const open = stage.current().openRequests;
      stable.record(stage.clock.nowMs(), open);
      panic.record(stage.clock.nowMs(), open);
    });
    wakeFromZero(stage, 1);
    return (nowMs) => {
      const moment = { nowMs, readyPods: stage.readyReplicas, stableValue: stable.mean, panicValue: panic.mean };
      const pods = kpa.scale(moment);
      if (pods > 0) {
        idleSinceMs = undefined;
        return pods;
      }
      if (stage.replicas === 0) return 0;
      idleSinceMs ??= nowMs;
      return nowMs - idleSinceMs >= options.graceMs && !isStarting(stage) ? 0 : 1;
    };
  });
}

/** A pod that was woken is not taken away before it could serve. */
function isStarting(stage: Stage): boolean {
  return stage.readyReplicas === 0;
}
