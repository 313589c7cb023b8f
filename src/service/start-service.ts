import { locationRefusal } from '../config/metadata/location-policy.ts';
import type { Settings } from '../config/settings/settings.ts';
import { gpuExporters } from '../discovery/dcgm.ts';
import type { Discovery } from '../discovery/discovery.ts';
import { startGrpcServer } from '../grpc/start-grpc-server.ts';
import { GpuPages } from '../readings/gpu-pages.ts';
import type { ScrapeHost } from '../readings/scrape-host.ts';
import { noAccess } from '../readings/scrape-host.ts';
import type { Logger } from '../telemetry/logger.ts';
import { createScalerMetrics } from '../telemetry/scaler-metrics.ts';
import type { Telemetry } from '../telemetry/telemetry-events.ts';
import { createTelemetry } from '../telemetry/telemetry-events.ts';
import { systemClock } from '../time/system-clock.ts';
import { statusOf } from '../triggers/status-of.ts';
import type { Statuses } from '../triggers/statuses.ts';
import { TriggerRegistry } from '../triggers/trigger-registry.ts';
import type { TriggerStatus } from '../triggers/trigger-status.ts';
import type { World } from '../triggers/world.ts';
import { loadScrapeAccess } from './access-files.ts';
import { realWorld } from './real-world.ts';
import { startAdmin } from './start-admin.ts';
import { startDiscovery } from './start-discovery.ts';
import { startScraping } from './start-scraping.ts';
import { followTlsFiles, readTlsFiles } from './tls-files.ts';
import { ownVersion } from './version.ts';
import { withEndings } from './with-endings.ts';

/** How often triggers are looked after: first answers, due cycles, urgent pushes. */
const TICK_MS = 10;
/** How often a longer list of GPU exporters is looked for. */
const FOLLOW_GPUS_EVERY_MS = 1000;

/** What a running service answers on, and how to end it. */
export interface StartedService {
  /** `host:port`. */
  readonly grpcAddress: string;
  readonly adminAddress: string;
  /** The same, unless the status has an address of its own. */
  readonly statusAddress: string;
  status(): readonly TriggerStatus[];
  /**
   * Not ready, streams ended with OK, calls finished, then everything else; bounded by the settings' grace. Rejects
   * with what did not end well, after everything else has ended.
   */
  close(): Promise<void>;
}

/** What may stand in for the real thing. */
export interface ServiceParts {
  readonly discovery?: Discovery;
}

/**
 * Starts the whole service. Rejects, in words, when an address can't be listened on or a file can't be read, and then
 * leaves nothing running.
 */
export async function startService(
  settings: Settings,
  logger: Logger,
  parts: ServiceParts = {},
): Promise<StartedService> {
  return await withEndings((endings) => start(settings, logger, parts, endings));
}

/** What is started first ends last: probes outlive the service, and it outlives what it reads from. */
async function start(
  settings: Settings,
  logger: Logger,
  parts: ServiceParts,
  endings: AsyncDisposableStack,
): Promise<StartedService> {
  let registry: TriggerRegistry | undefined;
  let world: World | undefined;
  const status = (): readonly TriggerStatus[] => (registry && world ? statusOfAll(registry, world) : []);
  const statuses = (): Statuses => ({ triggers: status(), refused: registry?.refused ?? [] });
  const version = ownVersion();
  const metrics = createScalerMetrics({ status: statuses, version, nodeVersion: process.versions.node });
  const telemetry = createTelemetry({ metrics, logger, nowMs: systemClock.nowMs });
  const tls = settings.tls && (await readTlsFiles(settings.tls));
  const { scrapeCredentialsFile } = settings;
  const access = scrapeCredentialsFile === undefined ? noAccess : await loadScrapeAccess(scrapeCredentialsFile);

  const pages = {
    renderMetrics: () => metrics.render(),
    status: statuses,
    recording: (namespace: string, name: string) => registry?.recordingOf(namespace, name),
    version,
    onError: telemetry.admin.pageFailed,
  };
  const admin = await startAdmin(settings, pages);
  endings.defer(() => admin.close());
  const discovery = parts.discovery ?? (await startDiscovery(settings, telemetry.discovery));
  endings.defer(() => discovery.close());
  const scraping = await startScraping(settings, access, { telemetry, logger, endings });
  const gpus = settings.dcgm && startGpus(settings.dcgm, { discovery, scraping, endings });
  world = realWorld(discovery, scraping, gpus);
  registry = startRegistry(settings, world, telemetry, endings);
  const grpc = await startGrpcServer({ ...grpcOptions(settings), answers: registry, events: telemetry.grpc, tls });
  endings.defer(() => grpc.drain());
  if (settings.tls && tls) endings.defer(followTlsFiles(settings.tls, tls, grpc, telemetry.tls));
  endings.defer(() => admin.setReady(false, 'shutting down'));

  grpc.setServing(true);
  admin.setReady(true);
  const { address: adminAddress, statusAddress } = admin;
  return { grpcAddress: grpc.address, adminAddress, statusAddress, status, close: () => endings.disposeAsync() };
}

function grpcOptions({ grpcAddress, maxConnectionAgeMs, shutdownGraceMs: drainGraceMs }: Settings) {
  return { ...grpcAddress, maxConnectionAgeMs, drainGraceMs };
}

interface GpuSurroundings {
  readonly discovery: Discovery;
  readonly scraping: ScrapeHost;
  readonly endings: AsyncDisposableStack;
}

function startGpus(dcgm: NonNullable<Settings['dcgm']>, { discovery, scraping, endings }: GpuSurroundings): GpuPages {
  const pages = new GpuPages(gpuExporters(discovery, dcgm.location), scraping, dcgm.intervalMs);
  endings.defer(() => pages.close());
  const timer = setInterval(() => pages.follow(), FOLLOW_GPUS_EVERY_MS);
  endings.defer(() => clearInterval(timer));
  return pages;
}

function startRegistry(
  settings: Settings,
  world: World,
  telemetry: Telemetry,
  endings: AsyncDisposableStack,
): TriggerRegistry {
  const triggers = new TriggerRegistry(world, telemetry.triggers, {
    maxTriggers: settings.maxTriggers,
    maxTriggersPerNamespace: settings.maxTriggersPerNamespace,
    maxEndpointsPerTrigger: settings.maxEndpointsPerTrigger,
    idleTimeoutMs: settings.triggerIdleTimeoutMs,
    activationScrapeIntervalMs: settings.activationScrapeIntervalMs,
    startingForMs: settings.startingForMs,
    recordingSpanMs: settings.recordingSpanMs,
    refusalOf: (namespace, metadata) =>
      locationRefusal({ ...settings, hasGpuExporters: settings.dcgm !== undefined }, namespace, metadata),
  });
  endings.defer(() => triggers.close());
  const timer = setInterval(() => triggers.tick(), TICK_MS);
  endings.defer(() => clearInterval(timer));
  return triggers;
}

function statusOfAll(registry: TriggerRegistry, world: World): readonly TriggerStatus[] {
  return [...registry.all].map((trigger) => statusOf(trigger, world.gpus, world.nowMs()));
}
