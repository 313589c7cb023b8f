import type { Autoscaler } from '../autoscaler.ts';
import type { ApaSettings } from './aibrix.ts';
import { guardedReplicas } from './aibrix.ts';
import { MeanWindow } from './mean-window.ts';
import { Periodic } from './periodic.ts';
import { readyGauges, sumOf } from './pod-gauges.ts';

/** The controller's default period. */
const periodMs = 10_000;
const collectMs = 1000;

/** APA on the KV cache, as its own benchmark sets it. It does not scale from zero by itself. */
export function aibrixPolicy(settings: ApaSettings, windowMs: number): Autoscaler {
  return new Periodic(periodMs, (stage) => {
    const window = new MeanWindow(windowMs);
    stage.every(collectMs, () => {
      const gauges = readyGauges(stage);
      if (gauges.length > 0) {
        window.record(stage.clock.nowMs(), sumOf(gauges, ({ kvCacheRatio }) => kvCacheRatio) / gauges.length);
      }
    });
    return () => {
      const sizes = { current: stage.replicas, ready: Math.min(stage.replicas, stage.readyReplicas) };
      return sizes.ready === 0 ? undefined : Math.max(1, guardedReplicas(sizes, window.mean, settings));
    };
  });
}
