import type { Endpoint, EndpointSnapshot, EndpointSource } from '../../discovery/endpoint.ts';
import { Listeners } from './listeners.ts';
import type { Replica, ReplicaSet } from './replica.ts';

/** A ready endpoint that no connection could be made to is left alone for this long. */
const avoidedForMs = 1000;

/** The pods of a Service that are ready, as Kubernetes says. */
export class DiscoveredReplicas implements ReplicaSet {
  readonly #source: EndpointSource;
  readonly #service: string;
  readonly #scheme: 'http' | 'https';
  readonly #listeners = new Listeners();
  readonly #avoided = new Map<string, NodeJS.Timeout>();
  readonly #leave: () => void;
  #ready: readonly Replica[] = [];
  #problem: string | undefined;

  /** @param service as people know it, for messages */
  constructor(source: EndpointSource, service: string, scheme: 'http' | 'https') {
    this.#source = source;
    this.#service = service;
    this.#scheme = scheme;
    this.#update();
    this.#leave = source.subscribe(() => this.#update());
  }

  ready(): readonly Replica[] {
    return this.#ready;
  }

  problem(): string | undefined {
    return this.#problem;
  }

  subscribe(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  /** Changes are told as they come, whether anybody waits or not. */
  setWanted(): void {}

  unreachable({ name }: Replica): void {
    clearTimeout(this.#avoided.get(name));
    const again = setTimeout(() => {
      this.#avoided.delete(name);
      this.#update();
    }, avoidedForMs);
    this.#avoided.set(name, again);
    this.#update();
  }

  close(): void {
    this.#leave();
    this.#source.close();
    for (const timer of this.#avoided.values()) clearTimeout(timer);
  }

  #update(): void {
    const discovered = this.#source.current();
    const serving = discovered.endpoints.filter(({ phase }) => phase === 'ready');
    this.#problem = problemOf(discovered, serving, this.#service);
    const ready = serving
      .filter(({ name }) => !this.#avoided.has(name))
      .flatMap((endpoint) => replicaOf(endpoint, this.#scheme));
    const isSame = ready.length === this.#ready.length && ready.every((each, at) => isEqual(each, this.#ready[at]!));
    if (isSame) return;
    this.#ready = ready;
    this.#listeners.tell();
  }
}

/** Where an endpoint takes requests: on its one port. With several, which one is nobody's to guess. */
function replicaOf({ name, address, ports }: Endpoint, scheme: 'http' | 'https'): Replica[] {
  if (ports.length !== 1) return [];
  const host = address.includes(':') ? `[${address}]` : address;
  return [{ name, origin: `${scheme}://${host}:${ports[0]!.number}` }];
}

function problemOf(
  { synced, problem }: EndpointSnapshot,
  serving: readonly Endpoint[],
  service: string,
): string | undefined {
  if (problem !== undefined) return problem;
  if (!synced) return `the list of pods of ${service} has not arrived yet`;
  const several = serving.find(({ ports }) => ports.length > 1);
  if (several === undefined) return undefined;
  const ports = several.ports.map(({ name, number }) => (name === undefined ? `${number}` : `${name} (${number})`));
  return `${service} has several ports: ${ports.join(', ')}; say which one takes requests, as ${service}:${ports[0]!.split(' ')[0]}`;
}

function isEqual(a: Replica, b: Replica): boolean {
  return a.name === b.name && a.origin === b.origin;
}
