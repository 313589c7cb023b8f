import { isIPv6 } from 'node:net';
import type { Clock } from '../../time/clock.ts';
import type { Pause, Repeated } from '../../time/repeat.ts';
import { repeat } from '../../time/repeat.ts';
import type { AskedPort } from '../asked-port.ts';
import { backOffMs } from '../back-off.ts';
import { changeListeners } from '../change-listeners.ts';
import type { DiscoveryEvents } from '../discovery-events.ts';
import type { Endpoint, EndpointSnapshot, EndpointSource } from '../endpoint.ts';
import { fixedSource, nothingYet, refused } from '../endpoint-snapshot.ts';
import type { DnsAddress, DnsLookup } from './dns-lookup.ts';

export interface DnsRequest {
  readonly hostName: string;
  /** A number. SRV records bring their own, which it overrides. */
  readonly port: AskedPort;
}

export interface DnsSurroundings {
  readonly lookup: DnsLookup;
  readonly clock: Clock;
  readonly events: DiscoveryEvents;
}

const shortestRefreshMs = 1_000;
const longestRefreshMs = 30_000;
/**
 * "No such name" is how DNS says zero replicas, but also what a DNS server says that has just started, or lost sight of
 * the cluster, and a wrong zero takes a workload's load away. So it counts once it was said and then confirmed twice,
 * a second apart; until then the old list stands, and a first list is not whole.
 */
const timesToBelieveNone = 3;

/** The addresses behind a name, asked again whenever their time to live is over. */
export function dnsSource(request: DnsRequest, surroundings: DnsSurroundings): EndpointSource {
  if (typeof request.port === 'string') {
    return fixedSource(refused(`"dns" needs a port number, not "${request.port}": DNS knows no port names`));
  }
  return new DnsEndpoints(request.hostName, request.port, surroundings);
}

class DnsEndpoints implements EndpointSource {
  readonly #hostName: string;
  readonly #port: number | undefined;
  readonly #surroundings: DnsSurroundings;
  readonly #changes = changeListeners();
  readonly #repeated: Repeated;
  #current: EndpointSnapshot = nothingYet;
  #emptyAnswers = 0;
  #failures = 0;

  constructor(hostName: string, port: number | undefined, surroundings: DnsSurroundings) {
    this.#hostName = hostName;
    this.#port = port;
    this.#surroundings = surroundings;
    this.#repeated = repeat({ clock: surroundings.clock, turn: (signal) => this.#refresh(signal) });
  }

  current(): EndpointSnapshot {
    return this.#current;
  }

  subscribe(listener: () => void): () => void {
    return this.#changes.subscribe(listener);
  }

  close(): void {
    this.#repeated.stop();
  }

  async #refresh(signal: AbortSignal): Promise<Pause> {
    const { lookup, clock, events } = this.#surroundings;
    try {
      const { addresses, ttlMs } = await lookup(this.#hostName);
      if (signal.aborted) return { pauseMs: 0 };
      this.#failures = 0;
      return { pauseMs: this.#heard(addresses, ttlMs) };
    } catch (error) {
      if (signal.aborted) return { pauseMs: 0 };
      this.#failures += 1;
      this.#emptyAnswers = 0;
      events.failed('dns', 'dns');
      this.#publish({ ...this.#current, problem: `cannot resolve "${this.#hostName}": ${reasonOf(error)}` });
      return { pauseMs: Math.max(backOffMs(this.#failures, clock.random()), shortestRefreshMs) };
    }
  }

  #heard(addresses: readonly DnsAddress[], ttlMs: number): number {
    this.#emptyAnswers = addresses.length === 0 ? this.#emptyAnswers + 1 : 0;
    const problem = addresses.length === 0 ? `"${this.#hostName}" has no address` : undefined;
    if (addresses.length === 0 && this.#emptyAnswers < timesToBelieveNone) {
      this.#publish({ ...this.#current, problem });
      return shortestRefreshMs;
    }
    this.#publish({ ...nothingYet, synced: true, endpoints: this.#endpoints(addresses), problem });
    return Math.min(Math.max(ttlMs, shortestRefreshMs), longestRefreshMs);
  }

  #endpoints(addresses: readonly DnsAddress[]): Endpoint[] {
    const endpoints = new Map<string, Endpoint>();
    for (const { address, port } of addresses) {
      const endpoint = dnsEndpoint(address, this.#port ?? port);
      endpoints.set(endpoint.name, endpoint);
    }
    return [...endpoints.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  #publish(next: EndpointSnapshot): void {
    const same = JSON.stringify(next) === JSON.stringify(this.#current);
    if (same) return;
    this.#current = next;
    this.#changes.notify();
  }
}

function dnsEndpoint(address: string, port: number | undefined): Endpoint {
  const host = isIPv6(address) ? `[${address}]` : address;
  return {
    name: port === undefined ? address : `${host}:${port}`,
    address,
    ports: port === undefined ? [] : [{ name: undefined, number: port }],
    phase: 'ready',
    namespace: undefined,
    node: undefined,
    url: undefined,
  };
}

function reasonOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  if (code === 'ESERVFAIL') return 'the DNS server failed (SERVFAIL)';
  if (code === 'ETIMEOUT') return 'the DNS server did not answer in time';
  return typeof code === 'string' ? code : String(error instanceof Error ? error.message : error);
}
