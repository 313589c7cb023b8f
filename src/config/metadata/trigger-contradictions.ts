import { whyNever } from '../../presets/reading/why-metric-absent.ts';
import { formatDuration } from '../duration.ts';
import type { MetadataFault } from './metadata-fault.ts';
import { faultOf } from './metadata-fault.ts';
import type { TriggerKey, TriggerValues } from './trigger-fields.ts';

/** What the rules see: which keys were given, and what those without a fault (or a default) say. */
export interface GivenTrigger {
  readonly given: ReadonlySet<string>;
  readonly values: Partial<TriggerValues>;
}

type Rule = (trigger: GivenTrigger) => readonly MetadataFault[];

const customKeys = ['runningMetric', 'waitingMetric', 'requestsMetric'] as const satisfies TriggerKey[];
const customGatewayKeys = [
  'gatewayRunningMetric',
  'gatewayHeldMetric',
  'gatewayRequestsMetric',
] as const satisfies TriggerKey[];

const rules: readonly Rule[] = [
  locationRule,
  urlRule,
  gatewayRule,
  gatewayUrlRule,
  customRule,
  customGatewayRule,
  metricRule,
  spanRules,
];

/** Says which keys contradict each other. Each sentence names the keys and what to do. */
export function contradictions(trigger: GivenTrigger): MetadataFault[] {
  return rules.flatMap((rule) => rule(trigger));
}

function locationRule({ given }: GivenTrigger): MetadataFault[] {
  const places = givenOf(given, ['service', 'dns', 'endpoints']);
  if (places.length < 2) return [];
  return [faultOf(places[1], `${and(places)} contradict each other: each says where the pages are, keep one`)];
}

function urlRule({ given }: GivenTrigger): MetadataFault[] {
  const parts = given.has('endpoints') ? givenOf(given, ['port', 'path', 'scheme']) : [];
  return parts.map((key) =>
    faultOf(key, `"${key}" contradicts "endpoints", whose URLs say it already: leave "${key}" out`),
  );
}

function gatewayRule({ given }: GivenTrigger): MetadataFault[] {
  const places = givenOf(given, ['gatewayService', 'gatewayEndpoints']);
  if (places.length === 2) {
    return [faultOf(places[1], `${and(places)} contradict each other: each says where the gateway is, keep one`)];
  }
  if (places.length === 1) return [];
  return givenOf(given, ['gatewayPort', 'gatewayPath', 'gatewayEngine', 'gatewayModel', ...customGatewayKeys]).map(
    (key) =>
      faultOf(key, `"${key}" needs a gateway: add "gatewayService" or "gatewayEndpoints", or leave "${key}" out`),
  );
}

function gatewayUrlRule({ given }: GivenTrigger): MetadataFault[] {
  if (!given.has('gatewayEndpoints') || given.has('gatewayService')) return [];
  return givenOf(given, ['gatewayPort', 'gatewayPath']).map((key) =>
    faultOf(key, `"${key}" contradicts "gatewayEndpoints", whose URLs say it already: leave "${key}" out`),
  );
}

function customRule({ given, values }: GivenTrigger): MetadataFault[] {
  if (values.engine === undefined) return [];
  const families = givenOf(given, customKeys);
  if (values.engine !== 'custom') {
    return families.map((key) => faultOf(key, `"${key}" needs "engine" to be "custom", but it is "${values.engine}"`));
  }
  if (families.length > 0) return [];
  return [
    faultOf(
      'engine',
      '"engine" is "custom", which needs "runningMetric", "waitingMetric" or "requestsMetric": name a family',
    ),
  ];
}

function customGatewayRule({ given, values }: GivenTrigger): MetadataFault[] {
  const { gatewayEngine } = values;
  const isPlaced = given.has('gatewayService') || given.has('gatewayEndpoints');
  if (gatewayEngine === undefined || !isPlaced) return [];
  if (gatewayEngine !== 'custom') {
    const words = `needs "gatewayEngine" to be "custom", but it is "${gatewayEngine}"`;
    return givenOf(given, customGatewayKeys).map((key) => faultOf(key, `"${key}" ${words}`));
  }
  if (given.has('gatewayRunningMetric') || given.has('gatewayHeldMetric')) return [];
  const words = '"gatewayEngine" is "custom", which needs "gatewayRunningMetric" or "gatewayHeldMetric": name a family';
  return [faultOf('gatewayEngine', words)];
}

function metricRule({ given, values }: GivenTrigger): MetadataFault[] {
  const { metric, targetValue } = values;
  if (metric === undefined) return [];
  const faults: MetadataFault[] = [];
  const isGpu = metric === 'gpuUtilization' || metric === 'gpuMemory';
  if ((isGpu || metric === 'kvCache') && targetValue !== undefined && targetValue > 1) {
    const words = `parameter "targetValue" must be at most 1 for "metric" "${metric}", a ratio from 0 to 1: write "0.8" for 80 %`;
    faults.push(faultOf('targetValue', words));
  }
  const place = isGpu ? givenOf(given, ['dns', 'endpoints'])[0] : undefined;
  if (place !== undefined) {
    const words = `"metric" "${metric}" is known per pod, so not with "${place}": leave "${place}" out or use "service"`;
    faults.push(faultOf(place, words));
  }
  return [...faults, ...customMetricFaults(metric, { given, values }), ...neverFaults(metric, values)];
}

/** What no page of the engine that is named can give is refused at once, not held for ever. */
function neverFaults(metric: TriggerValues['metric'], { engine }: Partial<TriggerValues>): MetadataFault[] {
  if (engine === undefined || engine === 'auto' || engine === 'custom') return [];
  if (metric === 'concurrency' || metric === 'gpuUtilization' || metric === 'gpuMemory') return [];
  const never = whyNever(engine, metric);
  if (never === undefined) return [];
  const other = whyNever(engine, 'concurrency') === undefined ? 'use "concurrency"' : 'choose another metric';
  return [faultOf('metric', `"metric" "${metric}" can't be read with "engine" "${engine}": ${never}; ${other}`)];
}

/** Which of the families that a user names makes up which metric. */
const familyOfMetric: Partial<Record<TriggerValues['metric'], (typeof customKeys)[number]>> = {
  concurrency: 'runningMetric',
  running: 'runningMetric',
  waiting: 'waitingMetric',
  requestRate: 'requestsMetric',
};

function customMetricFaults(metric: TriggerValues['metric'], { given, values }: GivenTrigger): MetadataFault[] {
  if (values.engine !== 'custom' || givenOf(given, customKeys).length === 0) return [];
  const family = familyOfMetric[metric];
  if (family !== undefined) {
    const words = `"metric" "${metric}" with "engine" "custom" needs "${family}": name its family`;
    return given.has(family) ? [] : [faultOf('metric', words)];
  }
  if (metric !== 'kvCache' && metric !== 'timeToFirstToken') return [];
  return [
    faultOf('metric', `"metric" "${metric}" can't be read with "engine" "custom": choose a preset, or another metric`),
  ];
}

interface Span {
  readonly key: TriggerKey;
  readonly spanMs: number | undefined;
}

function spanRules({ given, values }: GivenTrigger): MetadataFault[] {
  const span = (key: 'window' | 'burstWindow' | 'scrapeInterval' | 'scrapeTimeout' | 'staleAfter'): Span => {
    return { key, spanMs: values[key] };
  };
  return [
    ...orderFault(span('burstWindow'), span('window'), { given, mayEqual: true }),
    ...(given.has('scrapeTimeout') && given.has('staleAfter')
      ? orderFault(span('scrapeTimeout'), span('staleAfter'), { given, mayEqual: true })
      : []),
    ...orderFault(span('scrapeInterval'), span('staleAfter'), { given, mayEqual: true }),
  ];
}

function orderFault(
  shorter: Span,
  longer: Span,
  { given, mayEqual }: { readonly given: ReadonlySet<string>; readonly mayEqual: boolean },
): MetadataFault[] {
  if (shorter.spanMs === undefined || longer.spanMs === undefined) return [];
  if (shorter.spanMs < longer.spanMs || (mayEqual && shorter.spanMs === longer.spanMs)) return [];
  const written = ({ key, spanMs }: Span) => {
    return `"${key}" (${formatDuration(spanMs!)}${given.has(key) ? '' : ' by default'})`;
  };
  const relation = mayEqual ? 'must not be longer than' : 'must be shorter than';
  const missing = [shorter, longer].find(({ key }) => !given.has(key));
  const advice = missing === undefined ? 'change one' : `give "${missing.key}" too`;
  const key = [shorter, longer].find((span) => given.has(span.key))?.key;
  return [faultOf(key, `${written(shorter)} ${relation} ${written(longer)}: ${advice}`)];
}

function givenOf<Key extends TriggerKey>(given: ReadonlySet<string>, keys: readonly Key[]): Key[] {
  return keys.filter((key) => given.has(key));
}

function and(keys: readonly string[]): string {
  return keys.map((key) => `"${key}"`).join(' and ');
}
