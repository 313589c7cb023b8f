import { nearestName } from '../nearest-name.ts';
import { quoted } from '../quoted.ts';
import type { MetadataFault } from './metadata-fault.ts';
import { faultOf } from './metadata-fault.ts';
import { keysReadByKeda, triggerFields } from './trigger-fields.ts';

const maxKeys = 64;
const maxValueBytes = 4096;
const maxTotalBytes = 16_384;

const ownKeys = Object.keys(triggerFields);
const knownKeys: ReadonlySet<string> = new Set([...ownKeys, ...keysReadByKeda]);

/** What other scalers call the same thing. */
const otherWords: Readonly<Record<string, string>> = {
  threshold: 'targetValue',
  target: 'targetValue',
  value: 'targetValue',
  targetConcurrency: 'targetValue',
  concurrency: 'targetValue',
  targetQueueLength: 'targetValue',
  activationThreshold: 'activationTargetValue',
  activationValue: 'activationTargetValue',
  metricName: 'metric',
  modelName: 'model',
  models: 'model',
  serviceName: 'service',
  urls: 'endpoints',
  url: 'endpoints',
  serverAddress: 'endpoints',
  metricsPath: 'path',
  metricsPort: 'port',
  timeout: 'scrapeTimeout',
  interval: 'scrapeInterval',
  gateway: 'gatewayService',
};

/** What is no metadata, but a field of the ScaledObject. */
const placedElsewhere: Readonly<Record<string, string>> = {
  metricType: 'a field of the trigger: write it beside "metadata"',
  useCachedMetrics: 'a field of the trigger: write it beside "metadata"',
  pollingInterval: 'a field of the ScaledObject: write it under "spec"',
  cooldownPeriod: 'a field of the ScaledObject: write it under "spec"',
  minReplicaCount: 'a field of the ScaledObject: write it under "spec"',
  maxReplicaCount: 'a field of the ScaledObject: write it under "spec"',
};

/** Says where metadata is larger than anything meant: more than 64 keys, 4 KiB in a value, or 16 KiB in all. */
export function sizeFaults(raw: ReadonlyMap<string, string>): MetadataFault[] {
  const faults: MetadataFault[] = [];
  let totalBytes = 0;
  if (raw.size > maxKeys)
    faults.push(faultOf(undefined, `metadata has ${raw.size} keys: at most ${maxKeys} are accepted`));
  for (const [key, value] of raw) {
    const valueBytes = byteCount(value);
    totalBytes += byteCount(key) + valueBytes;
    if (valueBytes <= maxValueBytes || faults.length > maxKeys) continue;
    faults.push(
      faultOf(key, `parameter ${quoted(key)} is ${valueBytes} bytes long: at most ${maxValueBytes} are accepted`),
    );
  }
  if (totalBytes > maxTotalBytes) {
    faults.push(faultOf(undefined, `metadata has ${totalBytes} bytes: at most ${maxTotalBytes} are accepted`));
  }
  return faults;
}

function byteCount(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Says which keys are none of ours or KEDA's, and which key was most likely meant. */
export function keyFaults(keys: Iterable<string>): MetadataFault[] {
  const faults: MetadataFault[] = [];
  const strangers: string[] = [];
  const given = new Set(keys);
  for (const key of given) {
    if (knownKeys.has(key)) continue;
    const fault = explained(key, given);
    if (fault === undefined) strangers.push(key);
    else faults.push(fault);
  }
  if (strangers.length === 0) return faults;
  const are = strangers.length === 1 ? 'is not a parameter' : 'are not parameters';
  const words = `${strangers.map(quoted).join(', ')} ${are}; the parameters are ${ownKeys.join(', ')}`;
  return [...faults, faultOf(strangers[0], words)];
}

function explained(key: string, given: ReadonlySet<string>): MetadataFault | undefined {
  if (/FromEnv$/i.test(key)) return faultOf(key, fromEnvWords(key));
  const meant = Object.hasOwn(placedElsewhere, key) ? undefined : nearestKey(key);
  if (meant === undefined) return elsewhereFault(key);
  if (isSameLetters(key, meant) && given.has(meant)) {
    return faultOf(key, `${quoted(key)} repeats "${meant}" in another spelling: keep "${meant}" alone`);
  }
  return { key, words: `${quoted(key)} is not a parameter; did you mean "${meant}"?`, meant };
}

function elsewhereFault(key: string): MetadataFault | undefined {
  const elsewhere = nearestName(key, Object.keys(placedElsewhere));
  if (elsewhere === undefined) return undefined;
  const place = placedElsewhere[elsewhere];
  if (elsewhere === key) return faultOf(key, `${quoted(key)} is not a parameter, but ${place}`);
  return faultOf(key, `${quoted(key)} is not a parameter; did you mean "${elsewhere}"? It is ${place}`);
}

function fromEnvWords(key: string): string {
  const meant = nearestKey(key.replace(/FromEnv$/i, ''));
  const advice = meant === undefined ? '' : `: write "${meant}" with its value`;
  return `${quoted(key)} is not accepted, for values are never taken from a container's environment${advice}`;
}

function nearestKey(key: string): string | undefined {
  const near = nearestName(key, [...ownKeys, ...keysReadByKeda]);
  if (near !== undefined) return near;
  const word = nearestName(key, Object.keys(otherWords));
  return word === undefined ? undefined : otherWords[word];
}

function isSameLetters(one: string, other: string): boolean {
  const plain = (text: string) => text.toLowerCase().replace(/[-_.]/g, '');
  return plain(one) === plain(other);
}
