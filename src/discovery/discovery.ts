import type { Clock } from '../time/clock.ts';
import type { DiscoveryEvents } from './discovery-events.ts';
import type { EndpointSource } from './endpoint.ts';
import { fixedSource, refused, unknownBecause } from './endpoint-snapshot.ts';
import type { KubeClient } from './kube/kube-api.ts';
import { isKubeName, isNamespace } from './kube/kube-name.ts';
import type { DnsRequest } from './named/dns.ts';
import { dnsSource } from './named/dns.ts';
import type { DnsLookup } from './named/dns-lookup.ts';
import { staticSource } from './named/static.ts';
import { requestPace } from './request-pace.ts';
import type { Lease } from './shared.ts';
import { shared } from './shared.ts';
import { scaleResources } from './workload/scale-resource.ts';
import type { ScaleTargetRequest, ScaleTargetSurroundings } from './workload/scale-target.ts';
import { scaleTargetSource } from './workload/scale-target.ts';
import type { ServiceRequest } from './workload/service.ts';
import { serviceSource } from './workload/service.ts';
import { sharedSelectors } from './workload/shared-selectors.ts';
import { sharedWatches } from './workload/shared-watches.ts';

/** Where endpoints are looked for. `port` is the one to be scraped; the endpoints found then carry it alone. */
export type DiscoveryRequest =
  | ({ readonly kind: 'scale-target' } & ScaleTargetRequest)
  | ({ readonly kind: 'service' } & ServiceRequest)
  | ({ readonly kind: 'dns' } & DnsRequest)
  | { readonly kind: 'endpoints'; readonly urls: readonly string[] };

export interface Discovery {
  /** Starts looking, or joins those who look for the same. Never throws: what is wrong is the source's `problem`. */
  open(request: DiscoveryRequest): EndpointSource;
  /** Ends all sources and watches, whoever still holds them. */
  close(): void;
}

export interface DiscoverySurroundings {
  /** A client, or why there is none, in words. */
  readonly kube: KubeClient | string;
  readonly lookup: DnsLookup;
  readonly clock: Clock;
  readonly events: DiscoveryEvents;
}

type KubernetesRequest = Extract<DiscoveryRequest, { kind: 'scale-target' | 'service' }>;

/** Finds endpoints in whichever way a trigger asks for, sharing what can be shared. */
export function createDiscovery({ kube, lookup, clock, events }: DiscoverySurroundings): Discovery {
  const sources = shared<EndpointSource>();
  const kubernetes = typeof kube === 'string' ? undefined : kubernetesSurroundings(kube, clock, events);
  const make = (request: DiscoveryRequest): EndpointSource => {
    if (request.kind === 'endpoints') return staticSource(request.urls);
    if (request.kind === 'dns') return dnsSource(request, { lookup, clock, events });
    if (kubernetes === undefined)
      return fixedSource(unknownBecause(`no Kubernetes API: ${kube}; use "dns" or "endpoints"`));
    return kubernetesSource(request, kubernetes);
  };
  return {
    open(request) {
      return heldBy(sources.lease(keyOf(request), () => make(request)));
    },
    close() {
      sources.closeAll();
      kubernetes?.selectors.closeAll();
      kubernetes?.watches.closeAll();
    },
  };
}

/** One user's hold on a source: when it ends, its listeners are told nothing more. */
function heldBy({ thing, release }: Lease<EndpointSource>): EndpointSource {
  const leaves: (() => void)[] = [];
  return {
    current: () => thing.current(),
    subscribe(listener) {
      const leave = thing.subscribe(listener);
      leaves.push(leave);
      return leave;
    },
    close() {
      for (const leave of leaves) leave();
      release();
    },
  };
}

function kubernetesSurroundings(kube: KubeClient, clock: Clock, events: DiscoveryEvents): ScaleTargetSurroundings {
  const around = { kube, clock, events };
  const selectors = sharedSelectors({ ...around, resources: scaleResources(kube), pace: requestPace(clock) });
  return { ...around, selectors, watches: sharedWatches(around) };
}

/** Names from outside become parts of paths: what the API server would not accept as a name is refused here. */
function kubernetesSource(request: KubernetesRequest, surroundings: ScaleTargetSurroundings): EndpointSource {
  const { namespace } = request;
  if (!isNamespace(namespace)) return fixedSource(refused(`"${namespace}" is not a namespace's name`));
  if (request.kind === 'service') {
    if (!isKubeName(request.service)) return fixedSource(refused(`"${request.service}" is not a Service's name`));
    return serviceSource(request, surroundings.watches);
  }
  if (!isKubeName(request.name)) return fixedSource(refused(`"${request.name}" is not a ScaledObject's name`));
  return scaleTargetSource(request, surroundings);
}

/** Equal requests have equal keys, whatever else their objects carry. */
function keyOf(request: DiscoveryRequest): string {
  if (request.kind === 'endpoints') return JSON.stringify([request.kind, request.urls]);
  if (request.kind === 'dns') return JSON.stringify([request.kind, request.hostName, request.port]);
  const name = request.kind === 'service' ? request.service : request.name;
  return JSON.stringify([request.kind, request.namespace, name, request.port]);
}
