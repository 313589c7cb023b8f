import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../eventually.ts';
import type { Scenario } from '../scenario.ts';
import type { Stage } from '../stage.ts';
import { eventsOf, notReady } from './keda-words.ts';

const everyFault = [
  'missing required parameter \\"targetValue\\"',
  'parameter \\"scrapeInterval\\" value \\"5\\" has no unit: write \\"5s\\"',
  '\\"targetvalue\\" is not a parameter; did you mean \\"targetValue\\"?',
];

/** Waits until an event of the namespace contains the words; resolves with what it says. */
async function eventAbout(stage: Stage, words: string): Promise<string> {
  let found: string | undefined;
  await eventually(`an event says "${words}"`, 60_000, async () => {
    const messages = await eventsOf(stage);
    found = messages.find((message) => message.includes(words));
    return found !== undefined || messages.join(' | ').slice(-800);
  });
  return found ?? '';
}

export const badMetadata: Scenario = {
  name: 'bad-metadata',
  title: 'wrong metadata: the ScaledObject is not ready, and each wrong key is named where KEDA puts it',
  async run(stage) {
    await stage.model({ name: 'llama', replicas: 2 });
    // KEDA 2.21 takes a poll for "not active, no error" when another call's error closes its cache of scalers meanwhile,
    // and sets what was never active to zero: with a minimum of one it can't.
    const spec = { minReplicaCount: 1 };
    await stage.scale({ name: 'llama', triggers: [{ targetvalue: '8', scrapeInterval: '5' }], spec });
    await notReady(stage, 'llama');
    // KEDA 2.21 shows what GetMetricSpec answered in its log alone: its conditions have a sentence of its own.
    await eventually('the log of KEDA names every wrong key', 20_000, () => {
      const log = readFileSync(join(stage.world.artifacts, 'logs', 'keda-operator.log'), 'utf8');
      return everyFault.every((words) => log.includes(words)) || 'it does not';
    });
    await stage.stays('llama', 2, 5000);
    await stage.scale({ name: 'llama', triggers: [{ targetValue: '8', service: 'nowhere' }], spec });
    const told = await eventAbout(stage, 'nowhere');
    await stage.stays('llama', 2, 5000);
    await stage.scale({ name: 'llama', triggers: [{ targetValue: '8' }], spec: { minReplicaCount: 3 } });
    await stage.desired('llama', 3, 60_000);
    return `a Service that is not there: "${told.slice(0, 240)}"; mended, it works`;
  },
};
