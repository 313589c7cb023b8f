import type { AskedPort } from '../asked-port.ts';
import { listOfPorts, withAskedPort } from '../asked-port.ts';
import { changeListeners } from '../change-listeners.ts';
import type { Endpoint, EndpointSnapshot, EndpointSource } from '../endpoint.ts';
import { nothingYet, refused, unknownBecause } from '../endpoint-snapshot.ts';
import type { ServiceFacts, SliceFacts } from './service-facts.ts';
import { mergeSlices } from './service-facts.ts';
import type { SharedWatches, Watch } from './shared-watches.ts';

export interface ServiceRequest {
  /** The ScaledObject's own, or another that the caller has authorised. */
  readonly namespace: string;
  readonly service: string;
  /** One of the Service's ports, by name or number, or the number its pods listen on. */
  readonly port: AskedPort;
}

/** The pods behind a Service, by its EndpointSlices. */
export function serviceSource(request: ServiceRequest, watches: SharedWatches): EndpointSource {
  return new ServiceEndpoints(request, watches);
}

class ServiceEndpoints implements EndpointSource {
  readonly #request: ServiceRequest;
  readonly #changes = changeListeners();
  readonly #service: Watch<ServiceFacts>;
  readonly #slices: Watch<SliceFacts>;
  #current: EndpointSnapshot | undefined;
  /** The last whole list of this Service. */
  #standing: EndpointSnapshot | undefined;
  #identity: string | undefined;

  constructor(request: ServiceRequest, watches: SharedWatches) {
    this.#request = request;
    const update = (): void => {
      // Made anew at once, not when asked: what stands later is what was last whole.
      this.#current = this.#discover();
      this.#changes.notify();
    };
    this.#service = watches.service(request.namespace, request.service, update);
    this.#slices = watches.slices(request.namespace, request.service, update);
  }

  current(): EndpointSnapshot {
    this.#current ??= this.#discover();
    return this.#current;
  }

  subscribe(listener: () => void): () => void {
    return this.#changes.subscribe(listener);
  }

  close(): void {
    this.#service.close();
    this.#slices.close();
  }

  #discover(): EndpointSnapshot {
    const { namespace, service } = this.#request;
    const services = this.#service.current();
    const slices = this.#slices.current();
    const problem = services.problem ?? slices.problem;
    const facts = services.items.get(service);
    if (!services.synced) return unknownBecause(problem);
    if (facts === undefined && services.problem) return unknownBecause(services.problem);
    const refusal = refusalOf(facts, `Service "${service}" in namespace "${namespace}"`);
    if (refusal !== undefined) {
      this.#standing = undefined;
      return refused(refusal);
    }
    // Another Service of the same name, or one that selects other pods: the old list is none of its.
    if (facts!.identity !== this.#identity) this.#standing = undefined;
    this.#identity = facts!.identity;
    if (!slices.synced) return unknownBecause(problem);
    // A Service with a selector always has a slice, an empty one at zero replicas: none means not made yet, or lost.
    if (slices.items.size === 0) {
      return { ...(this.#standing ?? nothingYet), problem: problem ?? `Service "${service}" has no EndpointSlice yet` };
    }
    const found = this.#found(facts!, [...slices.items.values()]);
    if (found.synced) this.#standing = found;
    return found.problem === undefined ? { ...found, problem } : found;
  }

  #found(facts: ServiceFacts, slices: readonly SliceFacts[]): EndpointSnapshot {
    const { service } = this.#request;
    const endpoints = mergeSlices(slices).sort((a, b) => (a.name < b.name ? -1 : 1));
    const foreign = slices.reduce((sum, slice) => sum + slice.foreign, 0);
    if (foreign > 0 && endpoints.length === 0)
      return refused(`${foreignWords(service, foreign)}, which is not allowed`);
    const resolved = resolvePort(this.#request, facts, endpoints);
    return {
      synced: true,
      endpoints: endpoints.map((endpoint) => withResolvedPort(endpoint, resolved.port)),
      replicas: endpoints.filter(({ phase }) => phase !== 'terminating').length,
      pollingIntervalMs: undefined,
      problem: resolved.problem ?? (foreign > 0 ? `${foreignWords(service, foreign)}, left out` : undefined),
      invalid: resolved.invalid,
    };
  }
}

function refusalOf(facts: ServiceFacts | undefined, service: string): string | undefined {
  if (facts === undefined) return `no ${service}`;
  if (facts.externalName)
    return `${service} is of type ExternalName, which may point anywhere and is refused; name a Service with a selector`;
  if (!facts.hasSelector)
    return `${service} has no selector, so its addresses need not be pods; name a Service with a selector`;
  return undefined;
}

function foreignWords(service: string, foreign: number): string {
  return `EndpointSlices of Service "${service}" list ${foreign} address(es) that are no pods of its namespace`;
}

/** A port as the slices know it: by the Service port's name, which a single port may lack, or by number. */
type SlicePort = { readonly name: string | undefined } | number | undefined;

interface ResolvedPort {
  readonly port: SlicePort;
  readonly problem: string | undefined;
  readonly invalid: boolean;
}

/**
 * Metrics are often on a port that is not on the Service with the traffic, so a number that it does not list is taken
 * as one the pods listen on; a name can't be.
 */
function resolvePort(request: ServiceRequest, facts: ServiceFacts, endpoints: readonly Endpoint[]): ResolvedPort {
  const { service, port } = request;
  const fine = { problem: undefined, invalid: false };
  if (port === undefined) return { port, ...fine };
  const listed = facts.ports.find(({ name, number }) => (typeof port === 'number' ? number === port : name === port));
  if (listed !== undefined) return { port: { name: listed.name }, ...fine };
  if (typeof port === 'string')
    return { port: { name: port }, problem: noSuchPort(request, facts, endpoints), invalid: true };
  if (endpoints.some(({ ports }) => ports.some(({ number }) => number === port))) return { port, ...fine };
  const has = facts.ports
    .map(({ name, number }) => (name === undefined ? `${number}` : `${number} "${name}"`))
    .join(', ');
  const problem = `Service "${service}" has no port ${port} (it has ${has || 'none'}); taken as the pods' own port`;
  return { port, problem, invalid: false };
}

function withResolvedPort(endpoint: Endpoint, port: SlicePort): Endpoint {
  if (typeof port !== 'object') return withAskedPort(endpoint, port);
  return { ...endpoint, ports: endpoint.ports.filter(({ name }) => name === port.name) };
}

function noSuchPort({ service, port }: ServiceRequest, facts: ServiceFacts, endpoints: readonly Endpoint[]): string {
  const inPods = endpoints
    .flatMap(({ ports }) => ports)
    .filter(({ name }) => facts.ports.some((of) => of.name === name));
  const pods = inPods.length === 0 ? '' : `; on the pods ${listOfPorts(inPods)}`;
  return `Service "${service}" has no port ${JSON.stringify(port)}; ${listOfPorts(facts.ports)}${pods}`;
}
