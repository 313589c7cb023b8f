import type { Autoscaler } from '../autoscaler.ts';
import { Periodic } from './periodic.ts';
import { readyGauges } from './pod-gauges.ts';
import { wakeFromZero } from './wake-from-zero.ts';
import type { WvaSettings } from './wva.ts';
import { wvaStep } from './wva.ts';

const periodMs = 30_000;

/** WVA V1: one step each 30 s, none while replicas come or go, zero after ten idle minutes. */
export function wvaPolicy(settings: WvaSettings, idleMs: number): Autoscaler {
  return new Periodic(periodMs, (stage) => {
    let busyMs = stage.clock.nowMs();
    let arrivals = 0;
    wakeFromZero(stage, 1);
    return (nowMs) => {
      if (stage.arrivals > arrivals || stage.current().openRequests > 0) busyMs = nowMs;
      arrivals = stage.arrivals;
      if (stage.replicas === 0 || stage.readyReplicas !== stage.replicas) return undefined;
      if (nowMs - busyMs >= idleMs) return 0;
      return Math.max(1, stage.replicas + wvaStep(readyGauges(stage), settings));
    };
  });
}
