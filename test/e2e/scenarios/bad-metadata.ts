import { jsonPage } from '../cluster/json-page.ts';
import { mainScaler } from '../cluster/scaler.ts';
import { eventually } from '../eventually.ts';
import type { Scenario } from '../scenario.ts';
import { check } from '../scenario.ts';
import type { Stage } from '../stage.ts';
import { eventsOf, notReady, operatorLines } from './keda-words.ts';

const everyFault = [
  'missing required parameter "targetValue"',
  'parameter "scrapeInterval" value "5" has no unit: write "5s"',
  '"targetvalue" is not a parameter; did you mean "targetValue"?',
];

interface Refusal {
  readonly namespace: string;
  readonly scaledObject: string;
  readonly detail: string;
}

/** Waits until an event of a ScaledObject, or of its HPA, contains the words; resolves with what it says. */
async function eventAbout(stage: Stage, name: string, words: string): Promise<string> {
  let found: string | undefined;
  await eventually(`an event of ${name} says "${words}"`, 60_000, async () => {
    const messages = await eventsOf(stage, name);
    found = messages.find((message) => message.includes(words));
    return found !== undefined || messages.join(' | ').slice(-800);
  });
  return found ?? '';
}

/** What the status page lists of a ScaledObject under `refused`. */
async function refusedOf(stage: Stage, name: string): Promise<string> {
  const url = `http://${mainScaler.host}:${mainScaler.adminPort}/status`;
  const page = await jsonPage<{ refused: readonly Refusal[] }>(url);
  const own = page?.refused.filter((one) => one.namespace === stage.namespace && one.scaledObject === name);
  return (own ?? []).map(({ detail }) => detail).join(' | ');
}

/**
 * A refused trigger: the condition has a sentence of KEDA's, KEDA's log and our status the faults, and the events nothing:
 * the one KEDA writes with the condition has an `action` above 128 characters, which the API server refuses.
 */
async function refusedInWords(stage: Stage, name: string): Promise<string> {
  const condition = await notReady(stage, name);
  check(condition.includes('no metric specs returned from scalers'), `the condition says: ${condition}`);
  await eventually('the log of KEDA names every wrong key', 20_000, () => {
    const log = operatorLines(stage, name).join('\n').replaceAll('\\', '');
    return everyFault.every((words) => log.includes(words)) || 'it does not';
  });
  await eventually('the status lists every wrong key under "refused"', 20_000, async () => {
    const told = await refusedOf(stage, name);
    return everyFault.every((words) => told.includes(words)) || told;
  });
  await stage.stays(name, 2, 5000);
  const events = await eventsOf(stage, name);
  check(events.includes('Scaler external-push is built'), `KEDA's events say: ${events.join(' | ')}`);
  const telling = events.filter((message) =>
    ['no metric specs', ...everyFault].some((words) => message.includes(words)),
  );
  check(telling.length === 0, `events tell what is wrong, which the docs deny: ${telling.join(' | ')}`);
  return condition;
}

export const badMetadata: Scenario = {
  name: 'bad-metadata',
  title: 'wrong metadata and what does not exist: what KEDA shows of it, and where, is what the docs say',
  async run(stage) {
    await stage.model({ name: 'llama', replicas: 2 });
    await stage.model({ name: 'sleeper' });
    // KEDA 2.21 takes a poll for "not active, no error" when another call's error closes its cache of scalers meanwhile,
    // and sets what was never active to zero: with a minimum of one it can't.
    const spec = { minReplicaCount: 1 };
    await stage.scale({ name: 'llama', triggers: [{ targetvalue: '8', scrapeInterval: '5' }], spec });
    const condition = await refusedInWords(stage, 'llama');
    await stage.scale({ name: 'llama', triggers: [{ targetValue: '8', service: 'nowhere' }], spec });
    const told = await eventAbout(stage, 'llama', 'nowhere');
    await stage.stays('llama', 2, 5000);
    await stage.scale({ name: 'sleeper', triggers: [{ targetValue: '8', gatewayService: 'absent' }] });
    const asleep = await eventAbout(stage, 'sleeper', 'no Service "absent"');
    await stage.stays('sleeper', 0, 5000);
    await stage.scale({ name: 'llama', triggers: [{ targetValue: '8' }], spec: { minReplicaCount: 3 } });
    await stage.desired('llama', 3, 60_000);
    const words = [told, asleep].map((message) => `"${message.slice(0, 200)}"`);
    return `refused: "${condition}"; no Service: ${words[0]}; no gateway at zero: ${words[1]}; mended, it works`;
  },
};
