import type { Reading } from '../../src/aggregation/reading.ts';
import type { Endpoint, EndpointPhase, EndpointSnapshot } from '../../src/discovery/endpoint.ts';
import { nothingYet } from '../../src/discovery/endpoint-snapshot.ts';
import type { PodGpus } from '../../src/gpu/pod-gpus.ts';
import type { Signals } from '../../src/presets/signals.ts';
import type { DecisionChange, OpenScrape, ScrapeRequest, TriggerEvents, World } from '../../src/triggers/world.ts';
import { failedReading, goodReading } from './readings.ts';

export function pod(name: string, phase: EndpointPhase = 'ready'): Endpoint {
  return {
    name,
    address: `10.0.0.${name.length}${name.charCodeAt(name.length - 1) % 10}`,
    ports: [{ name: 'http', number: 8000 }],
    phase,
    namespace: 'models',
    node: `node-of-${name}`,
    url: undefined,
  };
}

interface FakeScrape {
  readonly request: ScrapeRequest;
  readonly onReading: (reading: Reading) => void;
  intervalMs: number;
  open: boolean;
}

/** The outside of a trigger in the hands of a test: it sets lists, says readings, and owns the time. */
export class FakeWorld implements World {
  now = 1_000_000;
  replicas: EndpointSnapshot = nothingYet;
  /** Of one ScaledObject, where it has others than `replicas`. */
  readonly replicasOf = new Map<string, EndpointSnapshot>();
  gateway: EndpointSnapshot | undefined;
  readonly scrapes: FakeScrape[] = [];
  readonly gpuFacts = new Map<string, { gpus: PodGpus; atMs: number }>();
  readonly wantedNodes = new Map<object, ReadonlySet<string>>();
  openSources = 0;

  readonly gpus = {
    want: (asker: object, nodes: ReadonlySet<string>) => {
      this.wantedNodes.set(asker, nodes);
    },
    ofPod: (_namespace: string, name: string) => this.gpuFacts.get(name),
  };

  nowMs(): number {
    return this.now;
  }

  openReplicas(_namespace: string, scaledObject: string) {
    this.openSources++;
    return { current: () => this.replicasOf.get(scaledObject) ?? this.replicas, close: () => this.openSources-- };
  }

  openGateway() {
    if (this.gateway === undefined) return undefined;
    this.openSources++;
    return { current: () => this.gateway ?? nothingYet, close: () => this.openSources-- };
  }

  openScrape(request: ScrapeRequest, onReading: (reading: Reading) => void): OpenScrape {
    const scrape: FakeScrape = { request, onReading, intervalMs: request.intervalMs, open: true };
    this.scrapes.push(scrape);
    return {
      setIntervalMs: (intervalMs) => {
        scrape.intervalMs = intervalMs;
      },
      close: () => {
        scrape.open = false;
      },
    };
  }

  /** A whole list of replicas. */
  list(endpoints: readonly Endpoint[], more: Partial<EndpointSnapshot> = {}): void {
    const replicas = endpoints.filter(({ phase }) => phase !== 'terminating').length;
    this.replicas = { ...nothingYet, synced: true, endpoints, replicas, ...more };
  }

  listOf(scaledObject: string, endpoints: readonly Endpoint[]): void {
    const replicas = endpoints.filter(({ phase }) => phase !== 'terminating').length;
    this.replicasOf.set(scaledObject, { ...nothingYet, synced: true, endpoints, replicas });
  }

  listGateway(endpoints: readonly Endpoint[]): void {
    this.gateway = { ...nothingYet, synced: true, endpoints };
  }

  get open(): readonly FakeScrape[] {
    return this.scrapes.filter((scrape) => scrape.open);
  }

  /** Every open scrape of a replica says this, or fails. */
  say(signals: Partial<Signals> | 'fails', role: ScrapeRequest['role'] = 'replica'): void {
    for (const scrape of this.open.filter(({ request }) => request.role === role)) this.sayOne(scrape, signals);
  }

  sayOne(scrape: FakeScrape | undefined, signals: Partial<Signals> | 'fails'): void {
    scrape?.onReading(signals === 'fails' ? failedReading(this.now) : goodReading(this.now, signals));
  }
}

/** Remembers what a registry wants counted and logged. */
export class RecordedEvents implements TriggerEvents {
  readonly added: string[] = [];
  readonly dropped: string[] = [];
  readonly changes: DecisionChange[] = [];
  readonly gpuMetrics: string[] = [];
  pushes = 0;

  readonly failures: unknown[] = [];
  readonly limits: string[] = [];

  limitReached(limit: string): void {
    this.limits.push(limit);
  }

  cycleFailed(_namespace: string, _name: string, error: unknown): void {
    this.failures.push(error);
  }

  gpuMetricChosen(_namespace: string, name: string): void {
    this.gpuMetrics.push(name);
  }

  triggerAdded(key: string): void {
    this.added.push(key);
  }

  triggerDropped(key: string): void {
    this.dropped.push(key);
  }

  decisionChanged(change: DecisionChange): void {
    this.changes.push(change);
  }

  pushSent(): void {
    this.pushes++;
  }
}
