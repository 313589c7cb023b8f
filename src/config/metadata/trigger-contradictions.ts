import { formatDuration } from '../duration.ts';
import type { TriggerKey, TriggerValues } from './trigger-fields.ts';

/** What the rules see: which keys were given, and what those without a fault (or a default) say. */
export interface GivenTrigger {
  readonly given: ReadonlySet<string>;
  readonly values: Partial<TriggerValues>;
}

type Rule = (trigger: GivenTrigger) => readonly string[];

const customKeys = ['runningMetric', 'waitingMetric', 'requestsMetric'] as const satisfies TriggerKey[];

const rules: readonly Rule[] = [locationRule, urlRule, gatewayRule, gatewayUrlRule, customRule, metricRule, spanRules];

/** Says which keys contradict each other. Each sentence names the keys and what to do. */
export function contradictions(trigger: GivenTrigger): string[] {
  return rules.flatMap((rule) => rule(trigger));
}

function locationRule({ given }: GivenTrigger): string[] {
  const places = givenOf(given, ['service', 'dns', 'endpoints']);
  if (places.length < 2) return [];
  return [`${and(places)} contradict each other: each says where the pages are, keep one`];
}

function urlRule({ given }: GivenTrigger): string[] {
  const parts = given.has('endpoints') ? givenOf(given, ['port', 'path', 'scheme']) : [];
  return parts.map((key) => `"${key}" contradicts "endpoints", whose URLs say it already: leave "${key}" out`);
}

function gatewayRule({ given }: GivenTrigger): string[] {
  const places = givenOf(given, ['gatewayService', 'gatewayEndpoints']);
  if (places.length === 2) return [`${and(places)} contradict each other: each says where the gateway is, keep one`];
  if (places.length === 1) return [];
  return givenOf(given, ['gatewayPort', 'gatewayPath', 'gatewayEngine', 'gatewayModel']).map(
    (key) => `"${key}" needs a gateway: add "gatewayService" or "gatewayEndpoints", or leave "${key}" out`,
  );
}

function gatewayUrlRule({ given }: GivenTrigger): string[] {
  if (!given.has('gatewayEndpoints') || given.has('gatewayService')) return [];
  return givenOf(given, ['gatewayPort', 'gatewayPath']).map(
    (key) => `"${key}" contradicts "gatewayEndpoints", whose URLs say it already: leave "${key}" out`,
  );
}

function customRule({ given, values }: GivenTrigger): string[] {
  if (values.engine === undefined) return [];
  const families = givenOf(given, customKeys);
  if (values.engine !== 'custom') {
    return families.map((key) => `"${key}" needs "engine" to be "custom", but it is "${values.engine}"`);
  }
  if (families.length > 0) return [];
  return ['"engine" is "custom", which needs "runningMetric", "waitingMetric" or "requestsMetric": name a family'];
}

function metricRule({ given, values }: GivenTrigger): string[] {
  const { metric, targetValue } = values;
  if (metric === undefined) return [];
  const faults: string[] = [];
  const isGpu = metric === 'gpuUtilization' || metric === 'gpuMemory';
  if ((isGpu || metric === 'kvCache') && targetValue !== undefined && targetValue > 1) {
    faults.push(
      `parameter "targetValue" must be at most 1 for "metric" "${metric}", a ratio from 0 to 1: write "0.8" for 80 %`,
    );
  }
  const place = isGpu ? givenOf(given, ['dns', 'endpoints'])[0] : undefined;
  if (place !== undefined) {
    faults.push(`"metric" "${metric}" is known per pod, so not with "${place}": leave "${place}" out or use "service"`);
  }
  return [...faults, ...customMetricFaults(metric, { given, values })];
}

/** Which of the families that a user names makes up which metric. */
const familyOfMetric: Partial<Record<TriggerValues['metric'], (typeof customKeys)[number]>> = {
  concurrency: 'runningMetric',
  running: 'runningMetric',
  waiting: 'waitingMetric',
  requestRate: 'requestsMetric',
};

function customMetricFaults(metric: TriggerValues['metric'], { given, values }: GivenTrigger): string[] {
  if (values.engine !== 'custom' || givenOf(given, customKeys).length === 0) return [];
  const family = familyOfMetric[metric];
  if (family !== undefined) {
    return given.has(family) ? [] : [`"metric" "${metric}" with "engine" "custom" needs "${family}": name its family`];
  }
  if (metric !== 'kvCache' && metric !== 'timeToFirstToken') return [];
  return [`"metric" "${metric}" can't be read with "engine" "custom": choose a preset, or another metric`];
}

interface Span {
  readonly key: TriggerKey;
  readonly spanMs: number | undefined;
}

function spanRules({ given, values }: GivenTrigger): string[] {
  const span = (key: 'window' | 'burstWindow' | 'scrapeInterval' | 'scrapeTimeout' | 'staleAfter'): Span => {
    return { key, spanMs: values[key] };
  };
  return [
    ...orderFault(span('burstWindow'), span('window'), { given, mayEqual: true }),
    ...orderFault(span('scrapeTimeout'), span('scrapeInterval'), { given, mayEqual: false }),
    ...orderFault(span('scrapeInterval'), span('staleAfter'), { given, mayEqual: true }),
  ];
}

function orderFault(
  shorter: Span,
  longer: Span,
  { given, mayEqual }: { readonly given: ReadonlySet<string>; readonly mayEqual: boolean },
): string[] {
  if (shorter.spanMs === undefined || longer.spanMs === undefined) return [];
  if (shorter.spanMs < longer.spanMs || (mayEqual && shorter.spanMs === longer.spanMs)) return [];
  const written = ({ key, spanMs }: Span) => {
    return `"${key}" (${formatDuration(spanMs!)}${given.has(key) ? '' : ' by default'})`;
  };
  const relation = mayEqual ? 'must not be longer than' : 'must be shorter than';
  const missing = [shorter, longer].find(({ key }) => !given.has(key));
  const advice = missing === undefined ? 'change one' : `give "${missing.key}" too`;
  return [`${written(shorter)} ${relation} ${written(longer)}: ${advice}`];
}

function givenOf<Key extends TriggerKey>(given: ReadonlySet<string>, keys: readonly Key[]): Key[] {
  return keys.filter((key) => given.has(key));
}

function and(keys: readonly string[]): string {
  return keys.map((key) => `"${key}"`).join(' and ');
}
