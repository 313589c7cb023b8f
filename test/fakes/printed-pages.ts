import type { Reading } from '../../src/aggregation/reading.ts';
import { defaultPageLimits } from '../../src/exposition/page-parser.ts';
import { PageReader } from '../../src/presets/reading/page-reader.ts';
import { WantedNamesCache } from '../../src/presets/reading/wanted-names-cache.ts';
import { statusOf } from '../../src/triggers/status-of.ts';
import { TriggerRegistry } from '../../src/triggers/trigger-registry.ts';
import type { TriggerStatus } from '../../src/triggers/trigger-status.ts';
import type { ScrapeRequest } from '../../src/triggers/world.ts';
import { FakeWorld, pod, RecordedEvents } from './fake-world.ts';

const limits = {
  maxTriggers: 3,
  maxTriggersPerNamespace: 3,
  maxEndpointsPerTrigger: 10,
  idleTimeoutMs: 600_000,
  activationScrapeIntervalMs: 50,
  startingForMs: 1_800_000,
  refusalOf: () => undefined,
};
const tickMs = 50;

/** A page at each moment; seconds since the first one. */
export type Printed = (second: number) => string;

/** Reads pages as the scrape thread does, and keeps who is interested in them. */
class PrintedServer {
  readonly #readers = new Map<ScrapeRequest, PageReader>();
  readonly #cache = new WantedNamesCache();

  read(page: string, request: ScrapeRequest, atMs: number): Reading {
    const reader = this.#readers.get(request) ?? new PageReader(defaultPageLimits, this.#cache);
    if (!this.#readers.has(request)) {
      const { role, engine, models, route } = request;
      reader.setInterests([{ role, engine, models, route }]);
      this.#readers.set(request, reader);
    }
    const url = request.candidates[0]!;
    reader.begin('text/plain; version=0.0.4');
    reader.push(Buffer.from(page));
    const [read] = reader.end({ port: 8000, lastCandidate: true });
    if (read?.ok !== true) return { ok: false, atMs, url, failure: read!.failure, detail: read!.message };
    return { ok: true, atMs, url, engine: read.engine, signals: read.signals, durationMs: 3, bodyBytes: page.length };
  }
}

export interface Watched {
  /** What the only pod prints, and what the only endpoint of the gateway prints; nobody where left out. */
  readonly replica?: Printed;
  readonly gateway?: Printed;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly seconds: number;
  /** 1 unless said. */
  readonly everySeconds?: number;
}

/** What the service says of pages, each moment that one was read, in virtual time. */
export function statusesOf({ replica, gateway, metadata, seconds, everySeconds = 1 }: Watched): TriggerStatus[] {
  const world = new FakeWorld();
  const registry = new TriggerRegistry(world, new RecordedEvents(), limits);
  const server = new PrintedServer();
  world.list(replica === undefined ? [] : [pod('a')]);
  if (gateway !== undefined) world.listGateway([pod('gw')]);
  const ref = { namespace: 'models', name: 'llama', metadata: { targetValue: '10', ...metadata } };
  registry.answer(ref).catch(() => {});
  const startMs = world.now;
  const statuses: TriggerStatus[] = [];
  for (let read = 0; read * everySeconds <= seconds; read++) {
    while (world.now < startMs + read * everySeconds * 1000) {
      world.now += tickMs;
      registry.tick();
    }
    const second = (world.now - startMs) / 1000;
    for (const { request, onReading } of world.open) {
      const page = (request.role === 'replica' ? replica : gateway)?.(second);
      if (page !== undefined) onReading(server.read(page, request, world.now));
    }
    registry.answer(ref).catch(() => {});
    registry.tick();
    statuses.push(...[...registry.all].map((trigger) => statusOf(trigger, undefined, world.now)));
  }
  return statuses;
}
