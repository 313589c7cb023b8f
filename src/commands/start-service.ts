import type { AdminServer } from '../admin/start-admin-server.ts';
import { startAdminServer } from '../admin/start-admin-server.ts';
import { locationRefusal } from '../config/location-policy.ts';
import type { Settings } from '../config/settings.ts';
import { gpuExporters } from '../discovery/dcgm.ts';
import type { Discovery } from '../discovery/discovery.ts';
import { startGrpcServer } from '../grpc/start-grpc-server.ts';
import type { Logger } from '../telemetry/logger.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import type { Telemetry } from '../telemetry/telemetry-events.ts';
import { createTelemetry } from '../telemetry/telemetry-events.ts';
import { statusOf } from '../triggers/status-of.ts';
import { TriggerRegistry } from '../triggers/trigger-registry.ts';
import type { TriggerStatus } from '../triggers/trigger-status.ts';
import type { World } from '../triggers/world.ts';
import { GpuPages } from './gpu-pages.ts';
import { monotonicMs } from './monotonic.ts';
import { ownNetworks } from './own-networks.ts';
import { realWorld } from './real-world.ts';
import { scrapeEvents } from './scrape-events.ts';
import { ScrapeHost } from './scraping/scrape-host.ts';
import { startDiscovery } from './start-discovery.ts';
import { followTlsFiles, readTlsFiles } from './tls-files.ts';
import { ownVersion } from './version.ts';

/** How often triggers are looked after: first answers, due cycles, urgent pushes. */
const TICK_MS = 10;
/** How often a longer list of GPU exporters is looked for. */
const FOLLOW_GPUS_EVERY_MS = 1000;

/** What a running service answers on, and how to end it. */
export interface StartedService {
  /** `host:port`. */
  readonly grpcAddress: string;
  readonly adminAddress: string;
  status(): readonly TriggerStatus[];
  /** Not ready, streams ended with OK, calls finished, then everything else; bounded by the settings' grace. */
  close(): Promise<void>;
}

/** What may stand in for the real thing. */
export interface ServiceParts {
  readonly discovery?: Discovery;
}

/** Starts the whole service. Rejects, in words, when an address can't be listened on or a file can't be read. */
export async function startService(
  settings: Settings,
  logger: Logger,
  parts: ServiceParts = {},
): Promise<StartedService> {
  const version = ownVersion();
  const tls = settings.tls && (await readTlsFiles(settings.tls));
  const metrics = createMetrics({ status: () => status(), version, nodeVersion: process.versions.node });
  const telemetry = createTelemetry({ metrics, logger, nowMs: monotonicMs });
  const discovery = parts.discovery ?? (await startDiscovery(settings, telemetry.discovery));
  const scraping = await startScraping(settings, telemetry, logger);
  const gpus = settings.dcgm && startGpus(settings.dcgm, discovery, scraping);
  const world = realWorld(discovery, scraping, gpus?.pages);
  const registry = startRegistry(settings, world, telemetry);
  const status = (): readonly TriggerStatus[] => statusOfAll(registry.triggers, world);

  const admin = await startAdminServer({
    ...settings.adminAddress,
    renderMetrics: () => metrics.render(),
    status,
    version,
    onError: telemetry.admin.pageFailed,
  });
  const grpc = await startGrpcServer({
    ...settings.grpcAddress,
    answers: registry.triggers,
    events: telemetry.grpc,
    tls,
    maxConnectionAgeMs: settings.maxConnectionAgeMs,
    drainGraceMs: settings.shutdownGraceMs,
  });
  const stopTls = settings.tls && tls && followTlsFiles(settings.tls, tls, grpc, telemetry.tls);
  grpc.setServing(true);
  admin.setReady(true);

  // The order of ending is the order of these lines: probes outlive the service, and it outlives what it reads from.
  const close = async (): Promise<void> => {
    admin.setReady(false, 'shutting down');
    await grpc.drain();
    stopTls?.();
    registry.stop();
    gpus?.stop();
    await scraping.close();
    discovery.close();
    await admin.close();
  };
  return { grpcAddress: grpc.address, adminAddress: addressOf(admin), status, close };
}

function addressOf(admin: AdminServer): string {
  return admin.address;
}

function startScraping(settings: Settings, telemetry: Telemetry, logger: Logger): Promise<ScrapeHost> {
  const { endpointAllowCidrs: allowCidrs, maxBodyBytes, maxConcurrentScrapes: maxConcurrent } = settings;
  const denyCidrs = ownNetworks(process.env);
  return ScrapeHost.start({ allowCidrs, denyCidrs, maxBodyBytes, maxConcurrent }, scrapeEvents(telemetry, logger));
}

function startGpus(dcgm: NonNullable<Settings['dcgm']>, discovery: Discovery, host: ScrapeHost) {
  const pages = new GpuPages(gpuExporters(discovery, dcgm.location), host, dcgm.intervalMs);
  const timer = setInterval(() => pages.follow(), FOLLOW_GPUS_EVERY_MS);
  const stop = (): void => {
    clearInterval(timer);
    pages.close();
  };
  return { pages, stop };
}

function startRegistry(settings: Settings, world: World, telemetry: Telemetry) {
  const triggers = new TriggerRegistry(world, telemetry.triggers, {
    maxTriggers: settings.maxTriggers,
    maxTriggersPerNamespace: settings.maxTriggersPerNamespace,
    maxEndpointsPerTrigger: settings.maxEndpointsPerTrigger,
    idleTimeoutMs: settings.triggerIdleTimeoutMs,
    activationScrapeIntervalMs: settings.activationScrapeIntervalMs,
    refusalOf: (namespace, metadata) => locationRefusal(settings, namespace, metadata),
  });
  const timer = setInterval(() => triggers.tick(), TICK_MS);
  const stop = (): void => {
    clearInterval(timer);
    triggers.close();
  };
  return { triggers, stop };
}

function statusOfAll(registry: TriggerRegistry, world: World): readonly TriggerStatus[] {
  return [...registry.all].map((trigger) => statusOf(trigger, world.gpus, world.nowMs()));
}
