import { jsonPage } from '../cluster/json-page.ts';
import { headlessScaler } from '../cluster/namespaces.ts';
import { scalerPort } from '../cluster/scaler.ts';
import { eventually } from '../eventually.ts';
import type { Scenario } from '../scenario.ts';
import { check, inSeconds, longerThanEveryWindowMs, shortSpans } from '../scenario.ts';
import type { Stage } from '../stage.ts';

const trigger = { targetValue: '8', ...shortSpans };
const replicas = 3;

async function underSteadyLoad(stage: Stage, scalerAddress?: string): Promise<void> {
  await stage.model({ name: 'llama', replicas });
  await stage.keepOpen('llama', 23);
  await stage.scale({ name: 'llama', triggers: [trigger], ...(scalerAddress && { scalerAddress }) });
}

const pushStream = (stage: Stage, withinMs: number): Promise<void> =>
  stage.status('llama', 'KEDA has a push stream', ({ openPushStreams }) => openPushStreams > 0, withinMs);

export const restartOfTheScaler: Scenario = {
  name: 'restart-of-the-scaler',
  title: 'the scaler is restarted, then killed, under load: no dip',
  alone: true,
  async run(stage) {
    await underSteadyLoad(stage);
    await pushStream(stage, 20_000);
    await stage.stays('llama', replicas, 6000);
    const { scaler } = stage.world;
    const rise = performance.now();
    stage.timeline.note('the scaler is stopped and started');
    await scaler.stop();
    await Promise.all([stage.stays('llama', replicas, longerThanEveryWindowMs), scaler.start()]);
    await pushStream(stage, 70_000);
    const backMs = performance.now() - rise;
    stage.timeline.note('the scaler is killed and started after 10 s');
    await scaler.kill();
    await stage.stays('llama', replicas, 10_000);
    await Promise.all([stage.stays('llama', replicas, longerThanEveryWindowMs), scaler.start()]);
    await stage.keepOpen('llama', 39);
    await stage.desired('llama', 5, 40_000);
    return `3 throughout, the push stream was back within ${inSeconds(backMs)}`;
  },
};

export const restartOfKeda: Scenario = {
  name: 'restart-of-keda',
  title: "KEDA's operator is killed and started under load: streams come back, nothing flaps",
  alone: true,
  async run(stage) {
    await underSteadyLoad(stage);
    await pushStream(stage, 20_000);
    await stage.stays('llama', replicas, 6000);
    const { operator } = stage.world;
    stage.timeline.note('the operator is killed');
    await operator.kill();
    await stage.stays('llama', replicas, 5000);
    stage.timeline.note('the operator is started');
    await Promise.all([stage.stays('llama', replicas, longerThanEveryWindowMs), operator.start()]);
    await pushStream(stage, 40_000);
    await stage.keepOpen('llama', 39);
    await stage.desired('llama', 5, 60_000);
    return '3 throughout, then 5 as the load says';
  },
};

const awayMs = 60_000;

export const apiServerAway: Scenario = {
  name: 'api-server-away',
  title: 'the API server is away for a minute under load: nothing moves, then load moves it',
  alone: true,
  async run(stage) {
    await underSteadyLoad(stage);
    await stage.stays('llama', replicas, 6000);
    const { apiserver } = stage.world;
    stage.timeline.note('the API server is killed');
    await apiserver.kill();
    await eventuallyValue(stage, awayMs);
    stage.timeline.note('the API server is started');
    await apiserver.start();
    await stage.stays('llama', replicas, longerThanEveryWindowMs);
    await stage.keepOpen('llama', 39);
    await stage.desired('llama', 5, 90_000);
    return `3 throughout, the value of 23 was there all ${awayMs / 1000} s; then 5 as the load says`;
  },
};

/** While the API can't be asked, the scaler goes on with the replicas it knows. */
async function eventuallyValue(stage: Stage, forMs: number): Promise<void> {
  const untilMs = performance.now() + forMs;
  while (performance.now() < untilMs) {
    await stage.status('llama', '23 requests', ({ metricValue }) => Math.abs((metricValue ?? 0) - 23) < 1.5, 2000);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

export const twoScalers: Scenario = {
  name: 'two-scalers',
  title: 'two scalers behind one name, one of them killed under load: no dip',
  async run(stage) {
    const { addresses, name } = headlessScaler;
    const both = addresses.map((host, index) => {
      return stage.world.anotherScaler({ name: `scaler-${index + 2}`, host, adminPort: 8090 });
    });
    await Promise.all(both.map((scaler) => scaler.start()));
    await underSteadyLoad(stage, `${name}:${scalerPort}`);
    const asked = await Promise.all(addresses.map((host) => isAsked(host, stage.key('llama'))));
    await stage.stays('llama', replicas, 10_000);
    stage.timeline.note('one of two is killed');
    await both[0]!.kill();
    await stage.stays('llama', replicas, longerThanEveryWindowMs);
    await stage.keepOpen('llama', 39);
    await stage.desired('llama', 5, 60_000);
    stage.timeline.note('it is back, and the other one ends');
    await both[0]!.start();
    await both[1]!.stop();
    await stage.stays('llama', 5, longerThanEveryWindowMs);
    check(asked.length === 2, 'not both were asked');
    return '3 throughout, 5 by the one that was left, 5 with the other one';
  },
};

/** Waits until KEDA has asked this scaler. */
function isAsked(host: string, key: string): Promise<void> {
  return eventually(`the scaler at ${host} is asked about ${key}`, 30_000, async () => {
    return (await jsonPage(`http://${host}:8090/status/${key}`)) !== undefined || 'it is not';
  });
}
