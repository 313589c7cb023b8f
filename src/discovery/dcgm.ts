import type { Discovery } from './discovery.ts';
import type { Endpoint, EndpointSnapshot } from './endpoint.ts';

/** Where the GPU exporters are, by process setting. */
export type GpuExporterLocation =
  | {
      readonly kind: 'service';
      readonly namespace: string;
      readonly service: string;
      readonly port: string | number | undefined;
    }
  | { readonly kind: 'endpoints'; readonly urls: readonly string[] };

export interface GpuExporters {
  /** What is known of all of them. */
  current(): EndpointSnapshot;
  /** The exporters on these nodes, and those whose node is not known (listed by URL). */
  endpointsOnNodes(nodes: ReadonlySet<string>): readonly Endpoint[];
  subscribe(listener: () => void): () => void;
  close(): void;
}

/** Follows the GPU exporters, which are one a node. */
export function gpuExporters(discovery: Discovery, location: GpuExporterLocation): GpuExporters {
  const source = discovery.open(location);
  return {
    current: () => source.current(),
    endpointsOnNodes: (nodes) =>
      source
        .current()
        .endpoints.filter(({ node, phase }) => phase !== 'terminating' && (node === undefined || nodes.has(node))),
    subscribe: (listener) => source.subscribe(listener),
    close: () => source.close(),
  };
}
