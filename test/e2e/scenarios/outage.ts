import type { Fault } from '../models/protocol.ts';
import type { Scenario } from '../scenario.ts';
import { longerThanEveryWindowMs, shortSpans } from '../scenario.ts';
import type { Stage } from '../stage.ts';

const outages: readonly (readonly [share: 'one' | 'half' | 'all', fault: Fault])[] = [
  ['one', 'hang'],
  ['half', 'garbage'],
  ['all', 'refuse'],
  ['all', 'redirect'],
];

async function through(stage: Stage, name: string, replicas: number): Promise<void> {
  const pods = (await stage.podsOf(name)).map(({ metadata }) => metadata.name);
  const counts = { one: 1, half: pods.length / 2, all: pods.length };
  for (const [share, fault] of outages) {
    await stage.fault(name, fault, pods.slice(0, counts[share]));
    await stage.status(name, `${counts[share]} can't be read`, ({ unreadable }) => unreadable === counts[share]);
    await stage.stays(name, replicas, longerThanEveryWindowMs);
    await stage.fault(name, undefined);
    await stage.status(name, 'all can be read again', ({ unreadable }) => unreadable === 0);
    await stage.stays(name, replicas, 4000);
  }
}

export const outageUnderLoad: Scenario = {
  name: 'outage-under-load',
  title: 'pages of one, half, all replicas fail under steady load: nothing moves, then load moves it',
  async run(stage) {
    // 26 requests at 8 each are 4 replicas; without one replica's share they would be 3, without half 2.
    await stage.model({ name: 'llama', replicas: 4 });
    await stage.keepOpen('llama', 26);
    await stage.scale({ name: 'llama', triggers: [{ targetValue: '8', ...shortSpans }] });
    await stage.status('llama', '26 requests', ({ metricValue }) => Math.round(metricValue ?? 0) === 26);
    await stage.stays('llama', 4, 10_000);
    await through(stage, 'llama', 4);
    await stage.keepOpen('llama', 46);
    await stage.ready('llama', 6, 40_000);
    await stage.keepOpen('llama', 14);
    await stage.ready('llama', 2, 60_000);
    return `${outages.length} outages of ${longerThanEveryWindowMs / 1000} s each, then 4 → 6 → 2 as the load says`;
  },
};

export const outageWhileIdle: Scenario = {
  name: 'outage-while-idle',
  title: 'pages of one, half, all idle replicas fail: nothing moves',
  async run(stage) {
    await stage.model({ name: 'llama', replicas: 4 });
    await stage.scale({ name: 'llama', triggers: [{ targetValue: '8', ...shortSpans }], spec: { minReplicaCount: 4 } });
    await stage.status('llama', 'nothing', ({ metricValue }) => metricValue === 0);
    await through(stage, 'llama', 4);
    await stage.keepOpen('llama', 46);
    await stage.ready('llama', 6, 40_000);
    await stage.keepOpen('llama', 0);
    await stage.ready('llama', 4, 60_000);
    return `${outages.length} outages of ${longerThanEveryWindowMs / 1000} s each, then 4 → 6 → 4 as the load says`;
  },
};

export const outageBeforeZero: Scenario = {
  name: 'outage-before-zero',
  title: 'all pages fail as the load ends: the workload is kept until it is seen to be idle',
  async run(stage) {
    await stage.model({ name: 'llama', replicas: 2 });
    await stage.keepOpen('llama', 16);
    await stage.scale({ name: 'llama', triggers: [{ targetValue: '8', ...shortSpans }] });
    await stage.status('llama', '16 requests', ({ metricValue }) => Math.round(metricValue ?? 0) === 16);
    await stage.fault('llama', 'refuse');
    await stage.keepOpen('llama', 0);
    await stage.stays('llama', 2, longerThanEveryWindowMs);
    await stage.fault('llama', undefined);
    await stage.desired('llama', 0, 60_000);
    return `2 kept for ${longerThanEveryWindowMs / 1000} s, then 0`;
  },
};
