import { expect, it } from 'vitest';
import type { LocationPolicy } from '../../../src/config/metadata/location-policy.ts';
import { locationRefusal } from '../../../src/config/metadata/location-policy.ts';
import { parseTriggerMetadata } from '../../../src/config/metadata/parse-trigger-metadata.ts';

const strict: LocationPolicy = { hasGpuExporters: false, endpointAllowCidrs: [], gatewayAllowNamespaces: [] };

function refusal(metadata: Record<string, string>, policy: Partial<LocationPolicy> = {}): string | undefined {
  const parsed = parseTriggerMetadata({ targetValue: '1', ...metadata });
  if (!parsed.ok) throw new Error(parsed.faults.join('; '));
  return locationRefusal({ ...strict, ...policy }, 'models', parsed.value);
}

const addresses = { endpointAllowCidrs: ['10.0.0.0/8'] };
it.each([
  ['the scale target', {}, {}],
  ["a Service of the trigger's own namespace", { service: 'llama' }, {}],
  ['a gateway of its own namespace', { gatewayService: 'epp' }, {}],
  ['a gateway of its own namespace, by name', { gatewayService: 'models/epp' }, {}],
  ['a gateway of a namespace the operator named', { gatewayService: 'edge/epp' }, { gatewayAllowNamespaces: ['edge'] }],
  ['any gateway where the operator says so', { gatewayService: 'edge/epp' }, { gatewayAllowNamespaces: '*' as const }],
  ['a GPU metric where there are exporters', { metric: 'gpuMemory', targetValue: '0.5' }, { hasGpuExporters: true }],
  ['addresses where the operator named networks', { endpoints: 'http://10.0.0.1' }, addresses],
  ['a name where the operator named networks', { dns: 'llama.models' }, addresses],
])('lets a trigger name %s', (_name, metadata, policy) => expect(refusal(metadata, policy)).toBeUndefined());

it.each([
  ['addresses', { endpoints: 'http://10.0.0.1' }, {}, /"endpoints" is switched off/],
  ['a name', { dns: 'llama.models' }, {}, /"dns" is switched off/],
  ["a gateway's address", { gatewayEndpoints: 'http://10.0.0.1' }, {}, /"gatewayEndpoints" is switched off/],
  ['a GPU metric', { metric: 'gpuMemory', targetValue: '0.5' }, {}, /"gpuMemory" needs GPU exporters.*--dcgm-service/],
  ['a gateway elsewhere', { gatewayService: 'edge/epp' }, {}, /namespace "edge".*--gateway-allow-namespaces edge/],
  ['a gateway in yet another place', { gatewayService: 'edge/epp' }, { gatewayAllowNamespaces: ['other'] }, /"edge"/],
])('does not let a trigger name %s by itself', (_name, metadata, policy, words) => {
  expect(refusal(metadata, policy)).toMatch(words);
});
