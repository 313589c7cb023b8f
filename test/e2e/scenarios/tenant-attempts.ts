import { setHostName, tenantNames } from '../cluster/namespaces.ts';
import { podCidr, serviceOfApiServer } from '../cluster/plans.ts';
import type { Process } from '../cluster/process.ts';
import type { ScalerAddresses } from '../cluster/scaler.ts';
import { scalerPort } from '../cluster/scaler.ts';
import { eventually, steadily } from '../eventually.ts';
import { enginePort } from '../models/protocol.ts';
import type { Scenario } from '../scenario.ts';
import { check, shortSpans } from '../scenario.ts';
import { Stage, statusOf } from '../stage.ts';
import type { Attempt } from './attempts.ts';
import { attemptsByAddress, attemptsByService, attemptsByTarget, victimNamespace } from './attempts.ts';
import { eventsOf, operatorLines } from './keda-words.ts';
import { requestsAtPods, Traps, trapPort } from './traps.ts';

/** A scaler as it comes, and one whose operator lets triggers name pods' addresses. */
const asItComes: ScalerAddresses = { name: 'scaler-tenant', host: '127.0.0.5', adminPort: 8090 };
const named: ScalerAddresses = {
  ...{ name: 'scaler-tenant-named', host: '127.0.0.6', adminPort: 8090 },
  flags: [`--endpoint-allow-cidrs=${podCidr}`],
};

const trigger = { targetValue: '8', ...shortSpans };
const good = { replicas: 3, running: 7 } as const;
const moving = 'moving.test';
/** How long nothing may arrive and nothing may move, beside the time until all were refused. */
const quietForMs = 15_000;

const addressOf = ({ host }: ScalerAddresses): string => `${host}:${scalerPort}`;

export const tenantAttempts: Scenario = {
  name: 'tenant-attempts',
  title: 'a tenant names forbidden places: each is refused in words, nothing arrives there, its neighbour is untouched',
  async run(stage) {
    const traps = new Traps();
    const scalers = [asItComes, named].map((addresses) => stage.world.anotherScaler(addresses));
    const victim = await Stage.open(stage.world, victimNamespace, 'whose pods the tenant wants to be read');
    try {
      await Promise.all([traps.open(), ...scalers.map((scaler) => scaler.start()), prepareVictim(victim)]);
      return await tell(stage, victim, traps);
    } finally {
      await Promise.all(scalers.map((scaler: Process) => scaler.stop()));
      traps.close();
      await victim.close();
    }
  },
};

async function prepareVictim(victim: Stage): Promise<void> {
  await victim.model({ name: 'front', replicas: 2 });
  await victim.service('front');
  await victim.pin('front', { running: 100, waiting: 100 });
}

async function tell(stage: Stage, victim: Stage, traps: Traps): Promise<string> {
  await goodObjects(stage);
  await services(stage, await addressesOf(victim, 'front'));
  const own = await addressesOf(stage, 'good');
  setHostName(moving, own[0]!);
  const half: Attempt = {
    name: 'half',
    trigger: { dns: 'half.test', port: String(trapPort) },
    words: /loopback/,
    replicas: 2,
  };
  setHostName('half.test', own[1]!, tenantNames.loopback[1]);
  const moved: Attempt = {
    name: 'moving',
    trigger: { dns: moving, port: String(trapPort) },
    words: /metadata-address/,
  };
  const byAddress = [...attemptsByAddress, half, moved];
  const byService = [...attemptsByService, ...attemptsByTarget];
  const all = [...byService, ...byAddress];
  await Promise.all(all.map(({ name, replicas = 1 }) => stage.model({ name, replicas })));
  const redirect = { name: 'redirected', trigger: {}, words: /redirects are not followed/ };
  await stage.model({ name: redirect.name, replicas: 1 });
  await stage.fault(redirect.name, 'redirect');
  const watch = new Watch(stage, victim, traps, [...all, redirect]);
  stage.timeline.note(`${all.length + 1} attempts`);
  await Promise.all([...byService, redirect].map((attempt) => attemptAt(stage, asItComes, attempt)));
  await Promise.all(byAddress.map((attempt) => attemptAt(stage, named, attempt)));
  const isRead = ({ metricValue }: { metricValue: number | null }) => metricValue === requestsAtPods;
  await stage.statusAt(named, moved.name, { what: 'what the pod says', isIt: isRead });
  stage.timeline.note('a name that was a pod becomes the metadata address');
  setHostName(moving, tenantNames.metadata[1]);
  const told = await watch.during(Promise.all([...all, redirect].map((attempt) => refusal(stage, attempt))));
  const inKeda = told.filter((place) => place === 'KEDA').length;
  return `${told.length} attempts refused in words, ${inKeda} of them shown by KEDA, the others on the status page; nothing arrived`;
}

/** One is found by its scale target; one names its own pods' addresses, which the operator allows. */
async function goodObjects(stage: Stage): Promise<void> {
  const claim = { running: good.running, waiting: 0 };
  for (const name of ['good', 'good-named']) {
    await stage.model({ name, replicas: good.replicas });
    await stage.pin(name, claim);
  }
  const endpoints = (await addressesOf(stage, 'good-named')).map(
    (address) => `http://${address}:${enginePort}/metrics`,
  );
  const spec = { minReplicaCount: 1 };
  await stage.scale({ name: 'good', triggers: [trigger], spec, scalerAddress: addressOf(asItComes) });
  const byName = { ...trigger, endpoints: endpoints.join(',') };
  await stage.scale({ name: 'good-named', triggers: [byName], spec, scalerAddress: addressOf(named) });
  for (const [name, scaler] of [
    ['good', asItComes],
    ['good-named', named],
  ] as const) {
    const isIt = ({ metricValue }: { metricValue: number | null }) => metricValue === good.replicas * good.running;
    await stage.statusAt(scaler, name, { what: 'its exact load', isIt });
  }
}

async function addressesOf(stage: Stage, app: string): Promise<readonly string[]> {
  return (await stage.podsOf(app)).map(({ status }) => String(status?.podIP));
}

/** Services of the tenant that lead elsewhere, with EndpointSlices written by hand. */
async function services(stage: Stage, victims: readonly string[]): Promise<void> {
  const { kube } = stage.world;
  const { namespace } = stage;
  const service = (name: string, spec: object): Promise<void> => {
    const object = { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec };
    return kube.apply(`/api/v1/namespaces/${namespace}/services/${name}`, object);
  };
  const slice = (name: string, port: number, endpoints: readonly object[]): Promise<void> => {
    const object = {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: `${name}-by-hand`, namespace, labels: { 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      ports: [{ name: 'http', port }],
      endpoints,
    };
    return kube.apply(`/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices/${name}-by-hand`, object);
  };
  const ports = [{ name: 'http', port: 443 }];
  await service('external', { type: 'ExternalName', externalName: tenantNames.metadata[0] });
  await service('no-selector', { ports });
  const ofOthers = victims.map((address) => ({ addresses: [address] }));
  await slice('no-selector', enginePort, ofOthers);
  for (const name of ['by-hand', 'forged']) await service(name, { ports, selector: { app: 'nothing' } });
  await slice('by-hand', enginePort, ofOthers);
  const targetRef = { kind: 'Pod', name: 'mine', namespace };
  await slice('forged', 443, [{ addresses: [serviceOfApiServer], targetRef }]);
}

function attemptAt(stage: Stage, scaler: ScalerAddresses, attempt: Attempt): Promise<void> {
  const triggers = [{ ...trigger, ...attempt.trigger }];
  const spec = { minReplicaCount: 1, ...(attempt.scaleTargetRef && { scaleTargetRef: attempt.scaleTargetRef }) };
  return stage.scale({ name: attempt.name, triggers, spec, scalerAddress: addressOf(scaler) });
}

/** Waits until whoever looks can read why. */
async function refusal(stage: Stage, { name, words }: Attempt): Promise<'KEDA' | 'status'> {
  let place: 'KEDA' | 'status' | undefined;
  await eventually(`somebody says of ${name}: ${words}`, 60_000, async () => {
    const status = JSON.stringify([
      await statusOf(stage.namespace, name, asItComes),
      await statusOf(stage.namespace, name, named),
    ]);
    const keda = [...(await eventsOf(stage, name)), ...operatorLines(stage, name)].join('\n');
    if (words.test(unquoted(keda))) place = 'KEDA';
    else if (words.test(unquoted(status))) place = 'status';
    return place !== undefined || `${keda.slice(-600)} ${status.slice(0, 1500)}`;
  });
  return place!;
}

/** Both are JSON, whose quotation marks inside are escaped once or twice. */
function unquoted(text: string): string {
  return text.replaceAll('\\', '');
}

/** What must be so from the first attempt to well after the last one was refused. */
class Watch {
  readonly #stage: Stage;
  readonly #victim: Stage;
  readonly #traps: Traps;
  readonly #attempts: readonly Attempt[];
  readonly #sinceMs = performance.now();

  constructor(stage: Stage, victim: Stage, traps: Traps, attempts: readonly Attempt[]) {
    this.#stage = stage;
    this.#victim = victim;
    this.#traps = traps;
    this.#attempts = attempts;
  }

  async during<Result>(work: Promise<Result>): Promise<Result> {
    let isOver = false;
    const over = work.finally(() => {
      isOver = true;
    });
    const look = async (): Promise<void> => {
      while (!isOver) await steadily('nothing arrives and nothing moves', 1000, () => this.#seen());
      await steadily('nothing arrives and nothing moves', quietForMs, () => this.#seen());
    };
    const [result] = await Promise.all([over, look()]);
    check((await this.#victim.load('front'))?.readyPods === 2, 'the pods of the other namespace are not there');
    return result;
  }

  async #seen(): Promise<true | string> {
    const { arrivals } = this.#traps;
    if (arrivals.length > 0) return `somebody came to ${arrivals.join(', ')}`;
    const pagesRead = (await this.#victim.load('front'))?.pagesRead ?? 0;
    if (pagesRead > 0) return `${pagesRead} pages of another namespace were read`;
    for (const { name, replicas = 1 } of this.#attempts) {
      const { least, most } = this.#stage.world.history.rangeSince(this.#stage.key(name), this.#sinceMs);
      if (least !== replicas || most !== replicas) return `${name} went from ${least} to ${most} replicas`;
    }
    return (await this.#goodSeen('good', asItComes)) ?? (await this.#goodSeen('good-named', named)) ?? true;
  }

  async #goodSeen(name: string, scaler: ScalerAddresses): Promise<string | undefined> {
    const [status] = await statusOf(this.#stage.namespace, name, scaler);
    const value = status?.metricValue;
    if (value !== good.replicas * good.running) return `${name} has the value ${value}`;
    const { least, most } = this.#stage.world.history.rangeSince(this.#stage.key(name), this.#sinceMs);
    return least === good.replicas && most === good.replicas ? undefined : `${name} went from ${least} to ${most}`;
  }
}
