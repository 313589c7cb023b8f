import { Hpa, kubernetesHpaDefaults } from '../../keda/hpa.ts';
import type { HpaBehavior } from '../../keda/hpa-behavior.ts';
import type { Autoscaler } from '../autoscaler.ts';
import { Periodic } from './periodic.ts';
import { wakeFromZero } from './wake-from-zero.ts';

const periodMs = 15_000;

/** Its documentation's `fast` up and `stable` down, in the HPA's words. */
const policies: Readonly<Record<'fast' | 'stable', Pick<Required<HpaBehavior>, 'scaleUp' | 'scaleDown'>>> = {
  fast: {
    scaleUp: rules(0, [100, 4]),
    scaleDown: rules(0, [100, 4]),
  },
  stable: { scaleUp: rules(600, [100]), scaleDown: rules(600, [100]) },
};

export interface BentoCloudOptions {
  readonly concurrency: number;
  readonly scaleUp: 'fast' | 'stable';
  readonly scaleDown: 'fast' | 'stable';
  /** How long nothing was asked before the last replica goes. */
  readonly idleMs: number;
}

/**
 * BentoCloud's documented formula: concurrent requests, waiting ones included, over `concurrency`, rounded up, under
 * its scaling policies, which are an HPA's. From zero the external queue wakes it.
 */
export function bentoCloudPolicy({ concurrency, scaleUp, scaleDown, idleMs }: BentoCloudOptions): Autoscaler {
  return new Periodic(periodMs, (stage) => {
    const { minReplicas, maxReplicas } = stage.options;
    const behavior = { scaleUp: policies[scaleUp].scaleUp, scaleDown: policies[scaleDown].scaleDown };
    const hpa = new Hpa({ ...kubernetesHpaDefaults, minReplicas: Math.max(1, minReplicas), maxReplicas, behavior });
    let busyMs = stage.clock.nowMs();
    wakeFromZero(stage, 1);
    return (nowMs) => {
      const total = stage.current().openRequests;
      if (total > 0) busyMs = nowMs;
      if (nowMs - busyMs >= idleMs) return 0;
      const { replicas: current, readyReplicas } = stage;
      const metrics = [{ kind: 'average-value' as const, target: concurrency, total }];
      const input = { nowMs, specReplicas: current, statusReplicas: current, readyReplicas, metrics };
      return hpa.sync(input).replicas;
    };
  });
}

function rules(stabilizationWindowSeconds: number, [percent, pods]: readonly number[]) {
  const byPercent = { type: 'Percent' as const, value: percent!, periodSeconds: 15 };
  const byPods = { type: 'Pods' as const, value: pods ?? 0, periodSeconds: 15 };
  return { stabilizationWindowSeconds, policies: pods === undefined ? [byPercent] : [byPercent, byPods] };
}
