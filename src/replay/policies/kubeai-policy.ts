import type { Autoscaler } from '../autoscaler.ts';
import { settledLoad } from '../demand/settled-load.ts';
import { MeanWindow } from './mean-window.ts';
import { Periodic } from './periodic.ts';
import { wakeFromZero } from './wake-from-zero.ts';

export interface KubeAiOptions {
  readonly targetRequests: number;
  readonly windowMs: number;
  readonly scaleDownDelayMs: number;
}

const intervalMs = 10_000;

/**
 * KubeAI (`internal/modelautoscaler`, `internal/config/system.go`): every 10 s the mean of the active requests over ten
 * minutes over the target, rounded up; down only after as many looks in a row as the delay holds. Its proxy holds requests at zero and asks for one replica.
 */
export function kubeAiPolicy({ targetRequests, windowMs, scaleDownDelayMs }: KubeAiOptions): Autoscaler {
  return new Periodic(intervalMs, (stage) => {
    const count = Math.ceil(windowMs / intervalMs);
    const window = new MeanWindow(count * intervalMs);
    // The service ran before the trace begins, about as its first minutes go on.
    const before = settledLoad(stage.survey);
    for (let look = count - 1; look > 0; look -= 1) window.record(stage.clock.nowMs() - look * intervalMs, before);
    const looksDown = Math.ceil(scaleDownDelayMs / intervalMs);
    let down = 0;
    wakeFromZero(stage, 1);
    return (nowMs) => {
      window.record(nowMs, stage.current().openRequests);
      const wanted = Math.ceil(window.mean / targetRequests);
      if (wanted >= stage.replicas) {
        down = 0;
        return wanted;
      }
      if (down < looksDown) {
        down += 1;
        return undefined;
      }
      return wanted;
    };
  });
}
