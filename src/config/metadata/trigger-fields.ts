import { engineNames, gatewayNames, scaledGatewayNames } from '../../presets/catalogue/preset-name.ts';
import {
  parseHostName,
  parseOwnService,
  parsePath,
  parsePort,
  parsePorts,
  parseServiceName,
} from '../access/network-name.ts';
import { commaList } from '../comma-list.ts';
import { durationWithin } from '../duration.ts';
import type { FieldValues } from '../field.ts';
import { defaulted, oneOf, optional, required } from '../field.ts';
import { quantityFrom } from '../quantity.ts';
import { parseCustomFamily } from './custom-family.ts';
import { parseEndpointUrls } from './endpoint-urls.ts';
import { knownMetrics } from './trigger-metadata.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** Model servers that people also run in front of others, as an ingress that counts requests. */
const frontEngineNames = ['ray-serve', 'bentoml'] as const;

/** Values of `engine`. */
export const engineChoices = ['auto', 'custom', ...engineNames, ...scaledGatewayNames] as const;
/** Values of `gatewayEngine`. */
export const gatewayChoices = ['auto', 'custom', ...gatewayNames, ...frontEngineNames] as const;

const engineReader = oneOf(engineChoices);
const gatewayEngineReader = oneOf(gatewayChoices);

const selectorForm = 'family, with optional `{label="value"}`';

const load = {
  targetValue: required(quantityFrom(0.001), {
    form: 'number, at least 0.001',
    meaning: "Load one replica should carry, in the metric's unit.",
  }),
  metric: defaulted(oneOf(knownMetrics), 'concurrency', {
    form: knownMetrics.map((name) => `\`${name}\``).join(', '),
    meaning:
      'What is counted. `concurrency`: requests running, waiting and held in front. `running`, `waiting`: a part of it. ' +
      '`kvCache`, `gpuUtilization`, `gpuMemory`: ratios, 0 to 1. `requestRate`: requests per second. ' +
      '`timeToFirstToken`: mean seconds in the window.',
  }),
  activationTargetValue: defaulted(quantityFrom(0), '0', {
    form: 'number, at least 0',
    meaning: 'The trigger is active while demand, as a total over all replicas, is above this.',
  }),
  aggregation: defaulted(oneOf(['sum', 'mean', 'max']), 'sum', {
    form: '`sum`, `mean`, `max`',
    meaning:
      'How replicas become one value. `sum` suits the default `metricType`, `AverageValue`; ' +
      '`mean` and `max` are for triggers with `metricType: Value`.',
  }),
};

const engine = {
  engine: defaulted(
    (text) => {
      if (!(gatewayNames as readonly string[]).includes(text)) return engineReader(text);
      const known = engineReader(text);
      if (known.ok) return known;
      const words = 'counts what stands in front of replicas: name it as "gatewayEngine", beside "gatewayService"';
      return { ok: false, faults: [words] };
    },
    'auto',
    {
      form: '`auto`, a preset (see below), `custom`',
      meaning: "Whose metric names are read. `auto` looks at each replica's page.",
    },
  ),
  runningMetric: optional(parseCustomFamily, {
    form: selectorForm,
    meaning: 'With `engine: custom`: the gauge of requests being worked on.',
  }),
  waitingMetric: optional(parseCustomFamily, {
    form: selectorForm,
    meaning:
      'With `engine: custom`: the gauge of requests waiting in the server, if `runningMetric` does not include them.',
  }),
  requestsMetric: optional(parseCustomFamily, {
    form: selectorForm,
    meaning:
      'With `engine: custom`: the counter of requests, so that ones too short to be seen still count as activity.',
  }),
  model: optional(commaList, {
    form: 'comma-separated names',
    meaning: "Count only these models' series. Without it every model on the page counts.",
  }),
};

const location = {
  service: optional(parseOwnService, {
    form: "Service in the ScaledObject's namespace",
    meaning: "Read this Service's endpoints. Without it (and `dns`, `endpoints`) the scale target's pods are read.",
  }),
  dns: optional(parseHostName, {
    form: 'host name',
    meaning:
      'Read every address this name resolves to (A, AAAA, SRV). Only where the operator allows it. A headless Service ' +
      'needs `publishNotReadyAddresses: true`, or a replica that loses readiness takes its load out of the sum.',
  }),
  endpoints: optional(parseEndpointUrls, {
    form: 'comma-separated URLs, at most 1000',
    meaning:
      'Read these pages. Only where the operator allows it. The list is fixed, so it can never be known to be at ' +
      'zero: keep `minReplicaCount` at 1.',
  }),
  port: optional(parsePorts, {
    form: 'number, name or range, comma-separated',
    meaning:
      "The pages' port: a declared one by name, or any number the pods listen on. Several, such as `8000-8007`, where a " +
      'replica is several servers: each must have a page, and they count together. Without it: found, from the declared ' +
      "ports and the engines' usual ones; each declared port with an engine's page of its own counts.",
  }),
  path: optional(parsePath, {
    form: 'path',
    meaning: "The pages' path. Without it: `/metrics`, then the engines' other known paths.",
  }),
  scheme: defaulted(oneOf(['http', 'https']), 'http', { form: '`http`, `https`', meaning: 'How pages are fetched.' }),
};

const gateway = {
  gatewayService: optional(parseServiceName, {
    form: '`name` or `namespace/name`',
    meaning:
      'The gateway, router or queue in front of the workload, whose page counts or holds its requests. ' +
      'Another namespace only where the operator allows it.',
  }),
  gatewayEndpoints: optional(parseEndpointUrls, {
    form: 'comma-separated URLs, at most 1000',
    meaning: 'The same, as URLs. Only where the operator allows it.',
  }),
  gatewayPort: optional(parsePort, {
    form: 'number or name',
    meaning:
      "The gateway page's port: one of the Service's by name or number, or any number its pods listen on. " +
      'Without it: found.',
  }),
  gatewayPath: optional(parsePath, { form: 'path', meaning: "The gateway page's path. Without it: found." }),
  gatewayEngine: defaulted(
    (text) => {
      const isEngine = engineNames.some((name) => name === text);
      const parsed = gatewayEngineReader(text);
      if (parsed.ok || !isEngine) return parsed;
      return { ok: false, faults: ['counts the requests of one replica: name it as "engine"', ...parsed.faults] };
    },
    'auto',
    { form: '`auto`, a preset (see below), `custom`', meaning: "Whose metric names the gateway's page has." },
  ),
  gatewayRunningMetric: optional(parseCustomFamily, {
    form: selectorForm,
    meaning:
      'With `gatewayEngine: custom`: the gauge of requests in flight there, those that replicas work on included.',
  }),
  gatewayHeldMetric: optional(parseCustomFamily, {
    form: selectorForm,
    meaning: 'With `gatewayEngine: custom`: the gauge of requests that no replica has yet. They add.',
  }),
  gatewayRequestsMetric: optional(parseCustomFamily, {
    form: selectorForm,
    meaning:
      'With `gatewayEngine: custom`: the counter of requests, so that ones refused while nothing runs wake the workload.',
  }),
  gatewayModel: optional(commaList, {
    form: 'comma-separated names',
    meaning:
      'The names under which the gateway knows this workload: models, clusters or routes. Without it: `model`; for a ' +
      'queue of the KEDA HTTP add-on: the ScaledObject itself, as `NAMESPACE/NAME`.',
  }),
};

const timing = {
  window: defaulted(durationWithin(second, hour), '60s', {
    form: 'duration, 1s to 1h',
    meaning: 'Span over which load is averaged. The value is the larger of this mean and that over `burstWindow`.',
  }),
  burstWindow: defaulted(durationWithin(second, hour), '6s', {
    form: 'duration, 1s to `window`',
    meaning: 'Short span, so that a burst is answered at once.',
  }),
  scrapeInterval: defaulted(durationWithin(100, minute), '1s', {
    form: 'duration, 100ms to 60s',
    meaning: 'From one scrape of a replica to its next.',
  }),
  scrapeTimeout: defaulted(durationWithin(1, 30 * second), '5s', {
    form: 'duration, 1ms to 30s',
    meaning:
      'For one whole response, connecting included. May be longer than `scrapeInterval`: a busy server prints its page ' +
      'late, and the next one is asked for once it came. Without it: what `staleAfter` leaves room for, 5s at most.',
  }),
  staleAfter: defaulted(durationWithin(100, hour), '15s', {
    form: 'duration, `scrapeInterval` to 1h',
    meaning:
      "How long a replica's last reading stands in for it when it can't be read. Without it: twice a `scrapeTimeout` " +
      'that is given and `scrapeInterval`, where that is longer.',
  }),
  startingFor: optional(durationWithin(10 * second, 24 * hour), {
    form: 'duration, 10s to 24h',
    meaning:
      'How long replicas that start keep their place: those of a workload that starts from zero keep it active, and ' +
      'those that all went at once count as unknown. Make it longer than a model takes to load. Without it: what the ' +
      'operator set, 30m by default.',
  }),
  idleAfter: defaulted(durationWithin(0, 24 * hour), '60s', {
    form: 'duration, 0s to 24h',
    meaning:
      "How long after its last request a workload counts as active; at least KEDA's polling interval is sensible.",
  }),
  ignoreSuspectAfter: optional(durationWithin(minute, 24 * hour), {
    form: 'duration, 1m to 24h',
    meaning:
      'Requests that a replica claims count as nothing once neither its counters nor that number have moved for this ' +
      'long: a worker that was killed leaves them in some gauges for ever. Make it longer than the longest request. ' +
      'Without it: they always count, and are shown as suspect.',
  }),
};

/** Every key of a trigger's metadata that is ours. The reference table is made from this. */
export const triggerFields = { ...load, ...engine, ...location, ...gateway, ...timing };

export type TriggerKey = keyof typeof triggerFields;
export type TriggerValues = FieldValues<typeof triggerFields>;

/** Keys that KEDA reads for itself and hands on to us all the same. They are accepted and mean nothing here. */
export const keysReadByKeda: readonly string[] = [
  'scalerAddress',
  'enableTLS',
  'unsafeSsl',
  'caCert',
  'tlsClientCert',
  'tlsClientKey',
  'tlsCertFile',
];
