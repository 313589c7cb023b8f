import { scaleDownStabilizationSeconds } from '../cluster/objects.ts';
import type { Scenario } from '../scenario.ts';
import { shortSpans } from '../scenario.ts';

const trigger = { targetValue: '8', ...shortSpans };

export const fallback: Scenario = {
  name: 'fallback',
  title: "KEDA's fallback takes over when nothing can be read, and leaves when pages are back",
  async run(stage) {
    await stage.model({ name: 'llama', replicas: 2 });
    await stage.keepOpen('llama', 14);
    const spec = { minReplicaCount: 1, fallback: { failureThreshold: 2, replicas: 5 } };
    await stage.scale({ name: 'llama', triggers: [trigger], spec });
    await stage.status('llama', '14 requests', ({ metricValue }) => Math.round(metricValue ?? 0) === 14);
    await stage.stays('llama', 2, 6000);
    await stage.fault('llama', 'refuse');
    await stage.desired('llama', 5, 60_000);
    await stage.fault('llama', undefined);
    await stage.desired('llama', 2, 60_000);
    return '2 → 5 (fallback) → 2';
  },
};

export const idleReplicas: Scenario = {
  name: 'idle-replicas',
  title: 'idleReplicaCount 0 with minReplicaCount 2: 0 → 2 → 0',
  async run(stage) {
    await stage.gateway();
    await stage.model({ name: 'llama' });
    const spec = { minReplicaCount: 2, idleReplicaCount: 0 };
    await stage.scale({
      name: 'llama',
      triggers: [{ ...trigger, gatewayService: 'gateway' }],
      spec,
    });
    await stage.status('llama', 'KEDA has opened its push stream', ({ openPushStreams }) => openPushStreams > 0);
    await stage.keepOpen('llama', 3);
    await stage.desired('llama', 2, 15_000);
    await stage.stays('llama', 2, 10_000);
    await stage.keepOpen('llama', 0);
    await stage.desired('llama', 0, 60_000);
    return '0 → 2 → 0';
  },
};

export const valueMetric: Scenario = {
  name: 'value-metric',
  title: 'metricType Value with aggregation mean: 2 → 3',
  async run(stage) {
    await stage.model({ name: 'llama', replicas: 2 });
    await stage.keepOpen('llama', 24);
    const triggers = [{ ...trigger, aggregation: 'mean' }];
    // The HPA multiplies the replicas there are: one step has to show in the window before the next is taken.
    const behavior = {
      scaleUp: { policies: [{ type: 'Pods', value: 1, periodSeconds: 30 }] },
      scaleDown: { stabilizationWindowSeconds: scaleDownStabilizationSeconds },
    };
    const spec = { minReplicaCount: 1, advanced: { horizontalPodAutoscalerConfig: { behavior } } };
    await stage.scale({ name: 'llama', triggers, metricType: 'Value', spec });
    await stage.ready('llama', 3, 60_000);
    await stage.stays('llama', 3, 35_000);
    return '24 requests: 2 replicas at 12 each became 3 at 8 each';
  },
};

export const twoTriggers: Scenario = {
  name: 'two-triggers',
  title: 'two triggers on one ScaledObject: the one that asks for more wins',
  async run(stage) {
    await stage.model({ name: 'llama', replicas: 1 });
    await stage.keepOpen('llama', 24);
    const triggers = [trigger, { ...trigger, metric: 'running', targetValue: '4' }];
    await stage.scale({ name: 'llama', triggers });
    await stage.ready('llama', 6, 60_000);
    await stage.stays('llama', 6, 10_000);
    await stage.keepOpen('llama', 0);
    await stage.desired('llama', 0, 60_000);
    return '24 requests: 3 by one, 6 by the other, 6 it is';
  },
};

export const paused: Scenario = {
  name: 'paused',
  title: 'a paused ScaledObject stays as it is under load, and goes on when it is resumed',
  async run(stage) {
    await stage.model({ name: 'llama', replicas: 2 });
    await stage.keepOpen('llama', 14);
    await stage.scale({ name: 'llama', triggers: [trigger] });
    await stage.status('llama', '14 requests', ({ metricValue }) => Math.round(metricValue ?? 0) === 14);
    const annotate = (value: string | null): Promise<void> => {
      const annotations = { 'autoscaling.keda.sh/paused': value };
      return stage.world.kube.patch(stage.scaledObjectPath('llama'), { metadata: { annotations } });
    };
    await annotate('true');
    await stage.status('llama', 'its stream is closed', ({ openPushStreams }) => openPushStreams === 0);
    await stage.keepOpen('llama', 40);
    await stage.stays('llama', 2, 15_000);
    await annotate(null);
    await stage.desired('llama', 5, 60_000);
    return '2 while paused, then 5';
  },
};
