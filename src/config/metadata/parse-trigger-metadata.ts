import type { FieldWording } from '../field.ts';
import { complete, readFields } from '../field.ts';
import type { Parsed } from '../parsed.ts';
import { read, refuse } from '../parsed.ts';
import { engineSelectionOf } from './engine-selection.ts';
import type { MetadataFault } from './metadata-fault.ts';
import { faultOf } from './metadata-fault.ts';
import { contradictions } from './trigger-contradictions.ts';
import type { TriggerValues } from './trigger-fields.ts';
import { triggerFields } from './trigger-fields.ts';
import { keyFaults, sizeFaults } from './trigger-key-faults.ts';
import type { GatewayLocation, Location, TriggerMetadata } from './trigger-metadata.ts';

/** KEDA's own words, which people search for. */
const wording: FieldWording = {
  subject: (name, shownValue) => `parameter "${name}" value ${shownValue}`,
  missing: (name, { form, meaning }) =>
    `missing required parameter "${name}" in [triggerMetadata]: ${meaning.replace(/\.$/, '')} (${form})`,
};

/**
 * Reads a trigger's metadata with every default filled in, or says everything that is wrong with it at once: one
 * sentence a fault, each on one line. A function of its argument alone; never throws, whatever the keys and values.
 */
export function parseTriggerMetadata(raw: Readonly<Record<string, string>>): Parsed<TriggerMetadata> {
  const { faults, values } = readMetadata(raw);
  return values === undefined
    ? refuse(...faults.map(({ words }) => words))
    : read(metadataOf(values, new Set(Object.keys(raw))));
}

/** Everything that is wrong with a trigger's metadata, each with the key to look at; empty: nothing. Never throws. */
export function triggerMetadataFaults(raw: Readonly<Record<string, string>>): readonly MetadataFault[] {
  return readMetadata(raw).faults;
}

interface ReadMetadata {
  readonly faults: readonly MetadataFault[];
  /** Only where nothing is wrong. */
  readonly values: TriggerValues | undefined;
}

function readMetadata(raw: Readonly<Record<string, string>>): ReadMetadata {
  const texts = new Map(Object.entries(raw));
  const tooLarge = sizeFaults(texts);
  if (tooLarge.length > 0) return { faults: tooLarge, values: undefined };
  const fields = readFields(triggerFields, texts, wording);
  const given = new Set(texts.keys());
  const inFields = fields.fieldFaults.map(({ name, words }) => faultOf(given.has(name) ? name : undefined, words));
  const faults = [...inFields, ...keyFaults(given), ...contradictions({ given, values: fields.values })];
  return { faults, values: faults.length > 0 ? undefined : complete(fields) };
}

/**
 * How long a page is waited for, and how long the last one stands in for it: a page that comes late must not count as
 * one that is gone, so whichever of the two is left out follows the other.
 */
function spansOfPages(values: TriggerValues, given: ReadonlySet<string>) {
  const { scrapeInterval: intervalMs, scrapeTimeout: timeoutMs, staleAfter: staleMs } = values;
  const leftMs = Math.max(staleMs - intervalMs, Math.round(0.8 * intervalMs));
  return {
    scrapeTimeoutMs: given.has('scrapeTimeout') ? timeoutMs : Math.min(timeoutMs, leftMs),
    staleAfterMs:
      given.has('staleAfter') || !given.has('scrapeTimeout') ? staleMs : Math.max(staleMs, 2 * timeoutMs + intervalMs),
  };
}

function metadataOf(values: TriggerValues, given: ReadonlySet<string>): TriggerMetadata {
  return {
    targetValue: values.targetValue,
    metric: values.metric,
    activationTargetValue: values.activationTargetValue,
    engine: engineSelectionOf(values),
    models: values.model === undefined ? undefined : [...new Set(values.model)],
    location: locationOf(values),
    ...portsOf(values.port),
    path: values.path,
    scheme: values.scheme,
    gateway: gatewayOf(values),
    windowMs: values.window,
    burstWindowMs: values.burstWindow,
    scrapeIntervalMs: values.scrapeInterval,
    ...spansOfPages(values, given),
    idleAfterMs: values.idleAfter,
    ignoreSuspectAfterMs: values.ignoreSuspectAfter,
    startingForMs: values.startingFor,
    aggregation: values.aggregation,
  };
}

function portsOf(ports: TriggerValues['port']): Pick<TriggerMetadata, 'port' | 'ports'> {
  if (ports === undefined || ports.length === 1) return { port: ports?.[0] };
  return { port: undefined, ports };
}

function locationOf({ service, dns, endpoints }: TriggerValues): Location {
  if (service !== undefined) return { kind: 'service', service };
  if (dns !== undefined) return { kind: 'dns', hostName: dns };
  if (endpoints !== undefined) return { kind: 'endpoints', urls: endpoints };
  return { kind: 'scale-target' };
}

function gatewayOf(values: TriggerValues): GatewayLocation | undefined {
  const { gatewayService, gatewayEndpoints, gatewayPort, gatewayPath, gatewayModel } = values;
  const rest = {
    port: gatewayPort,
    path: gatewayPath,
    engine: gatewayEngineOf(values),
    models: gatewayModel === undefined ? undefined : [...new Set(gatewayModel)],
  };
  if (gatewayService !== undefined) return { location: { kind: 'service', ...gatewayService }, ...rest };
  if (gatewayEndpoints !== undefined) return { location: { kind: 'endpoints', urls: gatewayEndpoints }, ...rest };
  return undefined;
}

/** What a gateway holds is what waits there. */
function gatewayEngineOf(values: TriggerValues): GatewayLocation['engine'] {
  const { gatewayEngine, gatewayRunningMetric, gatewayHeldMetric, gatewayRequestsMetric } = values;
  if (gatewayEngine === 'auto') return undefined;
  if (gatewayEngine !== 'custom') return gatewayEngine;
  return { kind: 'custom', running: gatewayRunningMetric, waiting: gatewayHeldMetric, requests: gatewayRequestsMetric };
}
