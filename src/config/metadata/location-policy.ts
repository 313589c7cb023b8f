import type { TriggerMetadata } from './trigger-metadata.ts';

/** Where the operator lets triggers point us. */
export interface LocationPolicy {
  /** Whether GPU exporters are known, from which GPU metrics are read. */
  readonly hasGpuExporters: boolean;
  /** Empty: nobody may name addresses. */
  readonly endpointAllowCidrs: readonly string[];
  /** Namespaces whose Services may stand in front of workloads of other namespaces. */
  readonly gatewayAllowNamespaces: '*' | readonly string[];
}

/**
 * Why a trigger may not be followed, as a sentence for its author, or `undefined` when it may. Metadata is untrusted:
 * whoever can write a ScaledObject can write it, so only the operator can let it name addresses or other namespaces.
 */
export function locationRefusal(
  policy: LocationPolicy,
  namespace: string,
  { location, gateway, metric }: TriggerMetadata,
): string | undefined {
  if (!policy.hasGpuExporters && (metric === 'gpuUtilization' || metric === 'gpuMemory')) return gpuRefused(metric);
  const mayNameAddresses = policy.endpointAllowCidrs.length > 0;
  if (!mayNameAddresses && (location.kind === 'dns' || location.kind === 'endpoints')) {
    return addressesRefused(location.kind);
  }
  if (!mayNameAddresses && gateway?.location.kind === 'endpoints') return addressesRefused('gatewayEndpoints');
  if (gateway?.location.kind !== 'service') return undefined;
  const other = gateway.location.namespace ?? namespace;
  const allowed = policy.gatewayAllowNamespaces;
  if (other === namespace || allowed === '*' || allowed.includes(other)) return undefined;
  return `"gatewayService" may not be in namespace "${other}": use a Service of "${namespace}", or have the operator start the scaler with --gateway-allow-namespaces ${other}`;
}

function gpuRefused(metric: string): string {
  return `"metric" "${metric}" needs GPU exporters: use "concurrency", or have the operator start the scaler with --dcgm-service`;
}

function addressesRefused(key: string): string {
  return `"${key}" is switched off: use the scale target or "service", or have the operator start the scaler with --endpoint-allow-cidrs and the networks that may be read`;
}
