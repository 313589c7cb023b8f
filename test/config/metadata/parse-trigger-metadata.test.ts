import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { metricNameOf } from '../../../src/config/metadata/metric-name.ts';
import { parseTriggerMetadata, triggerMetadataFaults } from '../../../src/config/metadata/parse-trigger-metadata.ts';
import { keysReadByKeda, triggerFields } from '../../../src/config/metadata/trigger-fields.ts';
import type { TriggerMetadata } from '../../../src/config/metadata/trigger-metadata.ts';
import { knownMetrics } from '../../../src/config/metadata/trigger-metadata.ts';

type Raw = Record<string, string>;

const defaults: TriggerMetadata = {
  targetValue: 32,
  metric: 'concurrency',
  activationTargetValue: 0,
  engine: { kind: 'auto' },
  models: undefined,
  location: { kind: 'scale-target' },
  port: undefined,
  path: undefined,
  scheme: 'http',
  gateway: undefined,
  windowMs: 60_000,
  burstWindowMs: 6000,
  scrapeIntervalMs: 1000,
  scrapeTimeoutMs: 5_000,
  staleAfterMs: 15_000,
  idleAfterMs: 60_000,
  ignoreSuspectAfterMs: undefined,
  startingForMs: undefined,
  aggregation: 'sum',
};

function faultsOf(raw: Raw): readonly string[] {
  const parsed = parseTriggerMetadata(raw);
  return parsed.ok ? [] : parsed.faults;
}

/** Faults of metadata that is right but for what the row adds. */
function faultsWith(raw: Raw): readonly string[] {
  return faultsOf({ targetValue: '0.5', ...raw });
}

it('needs targetValue alone and fills in every default', () => {
  expect(parseTriggerMetadata({ targetValue: '32' })).toStrictEqual({ ok: true, value: defaults });
});

it("ignores KEDA's own keys, whatever they say", () => {
  const own = Object.fromEntries(keysReadByKeda.map((key) => [key, '']));
  expect(Object.keys(own)).toEqual([
    ...['scalerAddress', 'enableTLS', 'unsafeSsl', 'caCert', 'tlsClientCert', 'tlsClientKey', 'tlsCertFile'],
  ]);
  expect(parseTriggerMetadata({ ...own, targetValue: '32' })).toStrictEqual({ ok: true, value: defaults });
});

const gatewayDefaults = { models: undefined, port: undefined, path: undefined, engine: undefined };
const accepted: readonly [name: string, raw: Raw, want: Partial<TriggerMetadata>][] = [
  ['the least target', { targetValue: '0.001' }, { targetValue: 0.001 }],
  ['spaces and line ends around a value', { targetValue: ' 8\n' }, { targetValue: 8 }],
  ['an activation target', { activationTargetValue: '2.5' }, { activationTargetValue: 2.5 }],
  ['an aggregation', { aggregation: 'max' }, { aggregation: 'max' }],
  ['an engine', { engine: 'vllm' }, { engine: { kind: 'preset', name: 'vllm' } }],
  ['a gateway that is scaled itself', { engine: 'litellm' }, { engine: { kind: 'preset', name: 'litellm' } }],
  [
    'a custom engine',
    { engine: 'custom', runningMetric: 'run{a="b"}', waitingMetric: 'wait', requestsMetric: 'seen_total' },
    {
      engine: {
        kind: 'custom',
        running: { family: 'run', labels: { a: 'b' } },
        waiting: { family: 'wait', labels: {} },
        requests: { family: 'seen_total', labels: {} },
      },
    },
  ],
  [
    'a custom engine with what its metric needs',
    { engine: 'custom', metric: 'requestRate', requestsMetric: 'seen_total' },
    {
      metric: 'requestRate',
      engine: {
        kind: 'custom',
        running: undefined,
        waiting: undefined,
        requests: { family: 'seen_total', labels: {} },
      },
    },
  ],
  ['one model', { model: 'meta/llama-3:8b' }, { models: ['meta/llama-3:8b'] }],
  ['several models, each once', { model: 'a, b ,a' }, { models: ['a', 'b'] }],
  ['a Service', { service: 'llama' }, { location: { kind: 'service', service: 'llama' } }],
  [
    'a DNS name',
    { dns: '_http._tcp.llama.models' },
    { location: { kind: 'dns', hostName: '_http._tcp.llama.models' } },
  ],
  [
    'URLs',
    { endpoints: 'http://10.0.0.1:8000/, HTTPS://Llama:8443/metrics?x=1' },
    { location: { kind: 'endpoints', urls: ['http://10.0.0.1:8000', 'https://llama:8443/metrics?x=1'] } },
  ],
  ['a port and a path', { port: '8000', path: '/prometheus/metrics' }, { port: 8000, path: '/prometheus/metrics' }],
  ['ports of several servers', { port: '8000-8002, grpc' }, { port: undefined, ports: [8000, 8001, 8002, 'grpc'] }],
  ['a range of one port', { port: '8000-8000' }, { port: 8000 }],
  ['a port by name', { port: 'metrics', scheme: 'https' }, { port: 'metrics', scheme: 'https' }],
  [
    'a gateway in the same namespace',
    { gatewayService: 'epp' },
    { gateway: { location: { kind: 'service', namespace: undefined, service: 'epp' }, ...gatewayDefaults } },
  ],
  [
    'a gateway in another one',
    { gatewayService: 'edge/envoy', gatewayPort: '9901', gatewayPath: '/stats/prometheus', gatewayEngine: 'envoy' },
    {
      gateway: {
        location: { kind: 'service', namespace: 'edge', service: 'envoy' },
        port: 9901,
        path: '/stats/prometheus',
        engine: 'envoy',
        models: undefined,
      },
    },
  ],
  [
    'the names a gateway knows',
    { gatewayService: 'epp', gatewayModel: 'a, b,a' },
    {
      gateway: {
        location: { kind: 'service', namespace: undefined, service: 'epp' },
        ...gatewayDefaults,
        models: ['a', 'b'],
      },
    },
  ],
  [
    'gateway URLs',
    { gatewayEndpoints: 'http://gw:4000/metrics/', gatewayEngine: 'ray-serve' },
    {
      gateway: {
        location: { kind: 'endpoints', urls: ['http://gw:4000/metrics/'] },
        ...gatewayDefaults,
        engine: 'ray-serve',
      },
    },
  ],
  ['windows', { window: '1m30s', burstWindow: '1m30s' }, { windowMs: 90_000, burstWindowMs: 90_000 }],
  [
    'scrape times',
    { scrapeInterval: '100ms', scrapeTimeout: '50ms', staleAfter: '100ms' },
    { scrapeIntervalMs: 100, scrapeTimeoutMs: 50, staleAfterMs: 100 },
  ],
  ['claims that nothing bears out are ignored', { ignoreSuspectAfter: '15m' }, { ignoreSuspectAfterMs: 900_000 }],
  ['no lingering activity', { idleAfter: '0' }, { idleAfterMs: 0 }],
  ['a long start', { startingFor: '45m' }, { startingForMs: 2_700_000 }],
  ['the longest lingering activity', { idleAfter: '24h' }, { idleAfterMs: 86_400_000 }],
  ['a ratio', { metric: 'kvCache', targetValue: '1' }, { metric: 'kvCache', targetValue: 1 }],
  [
    'GPU facts of a Service',
    { metric: 'gpuMemory', targetValue: '0.9', service: 'llama' },
    { metric: 'gpuMemory', targetValue: 0.9, location: { kind: 'service', service: 'llama' } },
  ],
];

it.each(accepted)('accepts %s', (_name, raw, want) => {
  expect(parseTriggerMetadata({ targetValue: '32', ...raw })).toStrictEqual({
    ok: true,
    value: { ...defaults, ...want },
  });
});

const engineList =
  'auto custom vllm aphrodite sglang sglang-loads tgi lorax tei triton triton-trtllm trtllm-serve trtllm-serve-json ' +
  'trtllm-serve-1.0 nim dynamo-worker llamacpp lmdeploy bentoml ray-vllm ray-serve mlserver torchserve kserve http max jetstream ' +
  'xinference mistralrs gpustack dynamo-frontend production-stack litellm';

const refused: readonly [name: string, raw: Raw, fault: string][] = [
  [
    'zero as target',
    { targetValue: '0' },
    'parameter "targetValue" value "0" must be a positive number, at least 0.001',
  ],
  [
    'a negative target',
    { targetValue: '-3' },
    'parameter "targetValue" value "-3" must be a positive number, at least 0.001',
  ],
  [
    'a target the HPA would round to zero',
    { targetValue: '0.0009' },
    'parameter "targetValue" value "0.0009" must be a positive number, at least 0.001',
  ],
  ['an infinite target', { targetValue: '+Inf' }, 'parameter "targetValue" value "+Inf" must be a finite number'],
  ['NaN', { targetValue: 'NaN' }, 'parameter "targetValue" value "NaN" must be a finite number'],
  [
    'more digits than a number holds',
    { targetValue: '9'.repeat(400) },
    `parameter "targetValue" value "${'9'.repeat(80)}…" has too many digits: at most 12 before the point and 6 after it`,
  ],
  [
    'a number in another notation',
    { targetValue: '1e3' },
    'parameter "targetValue" value "1e3" must be a number in plain digits, such as "32" or "0.5"',
  ],
  ['an empty value', { targetValue: '' }, 'parameter "targetValue" value "" is empty: give it a value or leave it out'],
  [
    'a negative activation target',
    { activationTargetValue: '-1' },
    'parameter "activationTargetValue" value "-1" must not be negative',
  ],
  [
    'an unknown metric, and names the nearest',
    { metric: 'kvcache' },
    `parameter "metric" value "kvcache" must be one of [${knownMetrics.join(' ')}]; did you mean "kvCache"?`,
  ],
  [
    'an unknown engine',
    { engine: 'vlmm' },
    `parameter "engine" value "vlmm" must be one of [${engineList}]; did you mean "vllm"?`,
  ],
  [
    'a gateway as engine',
    { engine: 'envoy' },
    'parameter "engine" value "envoy" counts what stands in front of replicas: name it as "gatewayEngine", beside "gatewayService"',
  ],
  [
    'an aggregation of others',
    { aggregation: 'average' },
    'parameter "aggregation" value "average" must be one of [sum mean max]',
  ],
  [
    'an empty model',
    { model: 'a,,b' },
    'parameter "model" value "a,,b" has an empty item: separate items with single commas',
  ],
  [
    "a Service's name that Kubernetes does not allow",
    { service: 'Llama' },
    'parameter "service" value "Llama" must be lower-case letters, digits and "-", at most 63, as Kubernetes names are',
  ],
  [
    'a Service of another namespace',
    { service: 'other/llama' },
    'parameter "service" value "other/llama" must be a Service of the ScaledObject\'s own namespace: write its name alone, "llama"',
  ],
  [
    'a range that goes down',
    { port: '8007-8000' },
    'parameter "port" value "8007-8000" has the range 8007-8000: it must go from a lower port to a higher one, 1 to 65535',
  ],
  [
    'a range without end',
    { port: '1-65535' },
    'parameter "port" value "1-65535" has the range 1-65535: more than 64 ports',
  ],
  ['too many ports', { port: '1-40,101-140' }, 'parameter "port" value "1-40,101-140" names more than 64 ports'],
  ['a port beyond the last', { port: '65536' }, 'parameter "port" value "65536" must be a port from 1 to 65535'],
  [
    'a path without its slash',
    { path: 'metrics' },
    'parameter "path" value "metrics" must begin with "/", such as "/metrics"',
  ],
  ['another scheme', { scheme: 'ftp' }, 'parameter "scheme" value "ftp" must be one of [http https]'],
  [
    'credentials in a URL, without repeating them',
    { endpoints: 'http://me:hunter2@llama:8000' },
    'parameter "endpoints" value "http://…@llama:8000" has "http://…@llama:8000", a URL with user info: metadata is no place for credentials',
  ],
  ['a window without unit', { window: '60' }, 'parameter "window" value "60" has no unit: write "60s"'],
  ['a window too short', { window: '500ms' }, 'parameter "window" value "500ms" must be from 1s to 1h'],
  ['a window too long', { window: '61m' }, 'parameter "window" value "61m" must be from 1s to 1h'],
  [
    'a scrape interval too short',
    { scrapeInterval: '99ms' },
    'parameter "scrapeInterval" value "99ms" must be from 100ms to 1m',
  ],
  [
    'a scrape interval too long',
    { scrapeInterval: '61s' },
    'parameter "scrapeInterval" value "61s" must be from 100ms to 1m',
  ],
  ['no time to scrape', { scrapeTimeout: '0s' }, 'parameter "scrapeTimeout" value "0s" must be from 1ms to 30s'],
  ['a minute for a page', { scrapeTimeout: '1m' }, 'parameter "scrapeTimeout" value "1m" must be from 1ms to 30s'],
  ['activity that lingers for days', { idleAfter: '25h' }, 'parameter "idleAfter" value "25h" must be from 0s to 24h'],
  [
    'a burst window above the window',
    { window: '10s', burstWindow: '11s' },
    '"burstWindow" (11s) must not be longer than "window" (10s): change one',
  ],
  [
    'a window below the burst window that was not given',
    { window: '5s' },
    '"burstWindow" (6s by default) must not be longer than "window" (5s): give "burstWindow" too',
  ],
  [
    'a timeout as long as the interval',
    { scrapeTimeout: '10s', staleAfter: '8s' },
    '"scrapeTimeout" (10s) must not be longer than "staleAfter" (8s): change one',
  ],
  [
    'readings stale before the next scrape',
    { scrapeInterval: '20s' },
    '"scrapeInterval" (20s) must not be longer than "staleAfter" (15s by default): give "staleAfter" too',
  ],
  [
    'two places',
    { service: 'llama', dns: 'llama' },
    '"service" and "dns" contradict each other: each says where the pages are, keep one',
  ],
  [
    'three places',
    { service: 'llama', dns: 'llama', endpoints: 'http://llama' },
    '"service" and "dns" and "endpoints" contradict each other: each says where the pages are, keep one',
  ],
  [
    'a port beside URLs',
    { endpoints: 'http://llama', port: '80' },
    '"port" contradicts "endpoints", whose URLs say it already: leave "port" out',
  ],
  [
    'a scheme beside URLs',
    { endpoints: 'http://llama', scheme: 'http' },
    '"scheme" contradicts "endpoints", whose URLs say it already: leave "scheme" out',
  ],
  [
    'two gateways',
    { gatewayService: 'a', gatewayEndpoints: 'http://a' },
    '"gatewayService" and "gatewayEndpoints" contradict each other: each says where the gateway is, keep one',
  ],
  [
    "a gateway's port without gateway",
    { gatewayPort: '9090' },
    '"gatewayPort" needs a gateway: add "gatewayService" or "gatewayEndpoints", or leave "gatewayPort" out',
  ],
  [
    "a gateway's path beside its URLs",
    { gatewayEndpoints: 'http://a', gatewayPath: '/metrics' },
    '"gatewayPath" contradicts "gatewayEndpoints", whose URLs say it already: leave "gatewayPath" out',
  ],
  [
    'families without a custom engine',
    { runningMetric: 'run' },
    '"runningMetric" needs "engine" to be "custom", but it is "auto"',
  ],
  [
    'a custom engine without families',
    { engine: 'custom' },
    '"engine" is "custom", which needs "runningMetric", "waitingMetric" or "requestsMetric": name a family',
  ],
  [
    'a custom engine without the family its metric needs',
    { engine: 'custom', waitingMetric: 'wait' },
    '"metric" "concurrency" with "engine" "custom" needs "runningMetric": name its family',
  ],
  [
    'a metric no custom engine has',
    { engine: 'custom', runningMetric: 'run', metric: 'kvCache' },
    '"metric" "kvCache" can\'t be read with "engine" "custom": choose a preset, or another metric',
  ],
  [
    'a ratio above one',
    { metric: 'gpuUtilization', targetValue: '80' },
    'parameter "targetValue" must be at most 1 for "metric" "gpuUtilization", a ratio from 0 to 1: write "0.8" for 80 %',
  ],
  [
    'GPU facts where no pod is known',
    { metric: 'gpuMemory', dns: 'llama' },
    '"metric" "gpuMemory" is known per pod, so not with "dns": leave "dns" out or use "service"',
  ],
  ['a misspelt key', { windwo: '60s' }, '"windwo" is not a parameter; did you mean "window"?'],
  [
    'a key in snake case',
    { scrape_interval: '1s' },
    '"scrape_interval" is not a parameter; did you mean "scrapeInterval"?',
  ],
  ['a misspelt word of other scalers', { treshold: '3' }, '"treshold" is not a parameter; did you mean "targetValue"?'],
  [
    'a key given twice in other letters',
    { targetvalue: '3' },
    '"targetvalue" repeats "targetValue" in another spelling: keep "targetValue" alone',
  ],
  [
    'a field of the trigger',
    { metricType: 'Value' },
    '"metricType" is not a parameter, but a field of the trigger: write it beside "metadata"',
  ],
  [
    'a misspelt field of the ScaledObject',
    { pollinginterval: '5' },
    '"pollinginterval" is not a parameter; did you mean "pollingInterval"? It is a field of the ScaledObject: write it under "spec"',
  ],
  [
    'values from the environment, without repeating them',
    { modelFromEnv: 'hunter2' },
    '"modelFromEnv" is not accepted, for values are never taken from a container\'s environment: write "model" with its value',
  ],
  [
    'an unknown key from the environment',
    { zzzzzzFromEnv: 'hunter2' },
    '"zzzzzzFromEnv" is not accepted, for values are never taken from a container\'s environment',
  ],
  [
    'keys like nothing known, and lists what is',
    { zzzzzz: '', '__proto__ ': '1' },
    `"zzzzzz", "__proto__ " are not parameters; the parameters are ${Object.keys(triggerFields).join(', ')}`,
  ],
];

it.each(refused)('refuses %s', (_name, raw, fault) => expect(faultsWith(raw)).toEqual([fault]));

const alsoRefused: readonly [name: string, raw: Raw, faults: readonly string[]][] = [
  [
    'a missing target',
    {},
    [
      'missing required parameter "targetValue" in [triggerMetadata]: Load one replica should carry, in the metric\'s unit (number, at least 0.001)',
    ],
  ],
  [
    'an engine as gateway, with those there are',
    { targetValue: '1', gatewayService: 'x', gatewayEngine: 'vllm' },
    [
      'parameter "gatewayEngine" value "vllm" counts the requests of one replica: name it as "engine"',
      'parameter "gatewayEngine" value "vllm" must be one of [auto custom activator dynamo-frontend production-stack smg sglang-router vllm-router aibrix litellm epp envoy istio traefik kong nginx keda-http ray-serve bentoml]',
    ],
  ],
  [
    'several things at once, each by name',
    { targetValue: 'many', window: '60', treshold: '1', gatewayPort: '0', service: 'a', dns: 'b' },
    [
      'parameter "targetValue" value "many" must be a number in plain digits, such as "32" or "0.5"',
      'parameter "gatewayPort" value "0" must be a port from 1 to 65535',
      'parameter "window" value "60" has no unit: write "60s"',
      '"treshold" is not a parameter; did you mean "targetValue"?',
      '"service" and "dns" contradict each other: each says where the pages are, keep one',
      '"gatewayPort" needs a gateway: add "gatewayService" or "gatewayEndpoints", or leave "gatewayPort" out',
    ],
  ],
];

it.each(alsoRefused)('refuses %s', (_name, raw, faults) => expect(faultsOf(raw)).toEqual(faults));

describe('limits', () => {
  const keys = (count: number): Raw =>
    Object.fromEntries(Array.from({ length: count }, (_, place) => [`k${place}`, 'v']));

  it('accepts 64 keys as far as size goes, and not 65', () => {
    expect(faultsOf(keys(64)).join()).toContain('are not parameters');
    expect(faultsOf(keys(65))).toEqual(['metadata has 65 keys: at most 64 are accepted']);
  });
  it('accepts a value of 4096 bytes, and not of 4097', () => {
    expect(faultsWith({ model: 'é'.repeat(2048) })).toEqual([]);
    expect(faultsWith({ model: `${'é'.repeat(2048)}x` })).toEqual([
      'parameter "model" is 4097 bytes long: at most 4096 are accepted',
    ]);
  });
  it('accepts 16384 bytes in all, and not 16385', () => {
    const full = { a: 'x'.repeat(4095), b: 'x'.repeat(4095), c: 'x'.repeat(4095), d: 'x'.repeat(4095) };
    expect(faultsOf(full).join()).toContain('are not parameters');
    expect(faultsOf({ ...full, d: 'x'.repeat(4096) })).toEqual([
      'metadata has 16385 bytes: at most 16384 are accepted',
    ]);
  });
});

const anyKey = fc.oneof(
  fc.constantFrom(...Object.keys(triggerFields), ...keysReadByKeda),
  fc.constantFrom('__proto__', 'constructor', 'toString', 'modelFromEnv', ''),
  fc.string({ unit: 'binary' }),
);
const anyValue = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('1', '60s', 'custom', 'http://a', 'a{b="c"}', '\ud800', 'http://[', 'x{'),
  fc.string({ unit: fc.constantFrom(...'0123456789.smh{}="\\,/:@# ') }),
);

it('never throws, and words each fault on one line, whatever it is given', () => {
  let refusals = 0;
  const property = fc.property(fc.array(fc.tuple(anyKey, anyValue), { maxLength: 70 }), (entries) => {
    const parsed = parseTriggerMetadata(Object.fromEntries(entries));
    if (parsed.ok) return;
    refusals++;
    expect(parsed.faults.length).toBeGreaterThan(0);
    for (const fault of parsed.faults) expect(fault).not.toMatch(/\n/);
  });
  fc.assert(property, { numRuns: 500 });
  expect(refusals).toBeGreaterThan(100);
});

it('gives the same for the same, in whatever order the keys come', () => {
  const property = fc.property(fc.uniqueArray(fc.constantFrom(...accepted.keys()), { minLength: 2 }), (rows) => {
    const entries = Object.entries(Object.assign({ targetValue: '0.5' }, ...rows.map((row) => accepted[row]![1])));
    const forwards = parseTriggerMetadata(Object.fromEntries(entries) as Raw);
    const backwards = parseTriggerMetadata(Object.fromEntries(entries.reverse()) as Raw);
    expect(backwards).toEqual(forwards);
  });
  fc.assert(property);
});

it.each([
  ['concurrency', 'llm-concurrency'],
  ['kvCache', 'llm-kv-cache'],
  ['timeToFirstToken', 'llm-time-to-first-token'],
  ['gpuUtilization', 'llm-gpu-utilization'],
] as const)('names the metric %s %s', (metric, name) => expect(metricNameOf({ metric })).toBe(name));

it('names every metric with letters KEDA and the HPA can carry, each differently', () => {
  const names = knownMetrics.map((metric) => metricNameOf({ metric }));
  expect(new Set(names).size).toBe(8);
  for (const name of names) expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
});

describe('faults by key', () => {
  const rows: [what: string, metadata: Record<string, string>, key: string | undefined, meant: string | undefined][] = [
    ['a value that is wrong: its key', { targetValue: 'many' }, 'targetValue', undefined],
    ['a key that is missing: none', {}, undefined, undefined],
    [
      'a misspelled key: the key as it is written, and the one that was meant',
      { targetValue: '8', windw: '1m' },
      'windw',
      'window',
    ],
    [
      'two keys that contradict each other: the second',
      { targetValue: '8', service: 'a', dns: 'b.test' },
      'dns',
      undefined,
    ],
    [
      'a span against a default: the one that is given',
      { targetValue: '8', burstWindow: '2m' },
      'burstWindow',
      undefined,
    ],
    [
      'metadata that is too large: none',
      Object.fromEntries(Array.from({ length: 65 }, (_, at) => [`k${at}`, ''])),
      undefined,
      undefined,
    ],
  ];

  it.each(rows)('%s', (_what, metadata, key, meant) => {
    const [fault] = triggerMetadataFaults(metadata);
    expect({ key: fault?.key, meant: fault?.meant }).toEqual({ key, meant });
  });

  it('are those that the parser refuses, in its words and order', () => {
    const metadata = { targetvalue: '8', window: 'x', service: 'a', dns: 'b.test' };
    const parsed = parseTriggerMetadata(metadata);
    expect(triggerMetadataFaults(metadata).map(({ words }) => words)).toEqual(parsed.ok ? [] : parsed.faults);
    expect(triggerMetadataFaults(metadata).length).toBeGreaterThan(2);
    expect(triggerMetadataFaults({ targetValue: '8' })).toEqual([]);
  });
});

describe('a gateway without a preset', () => {
  const at = { targetValue: '1', gatewayService: 'edge', gatewayEngine: 'custom' };

  it('is read by the families that are named', () => {
    const result = parseTriggerMetadata({
      ...at,
      gatewayHeldMetric: 'queued{route="a"}',
      gatewayRequestsMetric: 'all',
    });
    expect(result.ok && result.value.gateway?.engine).toEqual({
      kind: 'custom',
      running: undefined,
      waiting: { family: 'queued', labels: { route: 'a' } },
      requests: { family: 'all', labels: {} },
    });
  });

  it.each([
    [at, '"gatewayEngine" is "custom", which needs "gatewayRunningMetric" or "gatewayHeldMetric": name a family'],
    [
      { ...at, gatewayEngine: 'envoy', gatewayRunningMetric: 'a' },
      '"gatewayRunningMetric" needs "gatewayEngine" to be "custom", but it is "envoy"',
    ],
    [
      { targetValue: '1', gatewayRunningMetric: 'a' },
      '"gatewayRunningMetric" needs a gateway: add "gatewayService" or "gatewayEndpoints", or leave "gatewayRunningMetric" out',
    ],
  ])('is refused with %o', (metadata, words) => {
    expect(parseTriggerMetadata(metadata)).toEqual({ ok: false, faults: [words] });
  });
});
