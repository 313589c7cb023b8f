import type { WireScaledObjectRef } from '../src/simulate/keda/scaler.ts';

const namespace = 'models';

/** As many triggers as given, each with its own share of the endpoints. */
export function triggersOver(
  urls: readonly string[],
  count: number,
  metadata: Readonly<Record<string, string>> = {},
): WireScaledObjectRef[] {
  const share = urls.length / count;
  return Array.from({ length: count }, (_, at) => {
    const endpoints = urls.slice(Math.floor(at * share), Math.floor((at + 1) * share)).join(',');
    return refOf(`model-${at}`, { endpoints, ...metadata });
  });
}

export function refOf(name: string, metadata: Readonly<Record<string, string>>): WireScaledObjectRef {
  return { name, namespace, scalerMetadata: { scalerAddress: 'scaler:6000', targetValue: '32', ...metadata } };
}
