import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import type { Activator, ActivatorOptions, RouteState } from '../activator/activator.ts';
import { startActivator as startProxy } from '../activator/activator.ts';
import { MemoryPool } from '../activator/body/memory-pool.ts';
import { DiscoveredReplicas } from '../activator/replicas/discovered-replicas.ts';
import { httpProbe } from '../activator/replicas/http-probe.ts';
import { ProbedReplicas } from '../activator/replicas/probed-replicas.ts';
import type { ReplicaSet } from '../activator/replicas/replica.ts';
import { probeRoutes } from '../admin/probe-routes.ts';
import { startAdminServer } from '../admin/start-admin-server.ts';
import type { ActivatorSettings } from '../config/activator/activator-settings.ts';
import type { RouteRule } from '../config/activator/route-rule.ts';
import type { Discovery } from '../discovery/discovery.ts';
import type { DiscoveryEvents } from '../discovery/discovery-events.ts';
import { createActivatorTelemetry } from '../telemetry/activator-telemetry.ts';
import type { Logger } from '../telemetry/logger.ts';
import { systemClock } from '../time/system-clock.ts';
import { startDiscovery } from './start-discovery.ts';
import { ownVersion } from './version.ts';
import { withEndings } from './with-endings.ts';

/** How often replicas given by their URLs are asked whether they are ready, while somebody waits. */
const PROBE_EVERY_MS = 250;
/** What of one held body is kept in memory; with more of it the rest goes into a file. */
const MOST_BODY_MEMORY = 256 * 1024;

/** What a running activator answers on, and how to end it. */
export interface StartedActivator {
  /** `host:port`. */
  readonly address: string;
  readonly adminAddress: string;
  states(): readonly RouteState[];
  /** Not ready, no more connections, what is under way finished within the grace, what is held answered. */
  close(): Promise<void>;
}

/** What may stand in for the real thing. */
export interface ActivatorParts {
  readonly discovery?: Discovery;
}

/** Starts the activator. Rejects, in words, when it can't, and then leaves nothing running. */
export async function startActivator(
  settings: ActivatorSettings,
  logger: Logger,
  parts: ActivatorParts = {},
): Promise<StartedActivator> {
  return await withEndings((endings) => start(settings, logger, parts, endings));
}

async function start(
  settings: ActivatorSettings,
  logger: Logger,
  parts: ActivatorParts,
  endings: AsyncDisposableStack,
): Promise<StartedActivator> {
  let proxy: Activator | undefined;
  const states = (): readonly RouteState[] => proxy?.states() ?? [];
  const { nowMs } = systemClock;
  const versions = { version: ownVersion(), nodeVersion: process.versions.node };
  const telemetry = createActivatorTelemetry({ states, logger, nowMs, ...versions });
  const rules = [settings.rule];
  const admin = await startAdminServer({
    ...settings.adminAddress,
    routes: probeRoutes(() => telemetry.render()),
    onError: telemetry.pageFailed,
  });
  endings.defer(() => admin.close());
  const discovery = parts.discovery ?? (await discoveryFor(rules, settings, telemetry.discovery));
  if (discovery !== undefined) endings.defer(() => discovery.close());
  const replicaCa = settings.replicaCaFile && (await readFile(settings.replicaCaFile, 'utf8'));
  proxy = await startProxy({
    ...boundsOf(settings),
    listen: await listenOptions(settings),
    rules,
    replicasOf: (rule) => replicasOf(rule, settings, discovery),
    replicaCa,
    events: telemetry.events,
    nowMs,
    random: systemClock.random,
  });
  endings.defer(() => proxy!.drain(settings.shutdownGrace));
  endings.defer(() => admin.setReady(false, 'shutting down'));
  admin.setReady(true);
  return { address: proxy.address, adminAddress: admin.address, states, close: () => endings.disposeAsync() };
}

/** The package behind it costs 90 MB, so it is loaded only where a Service is named. */
async function discoveryFor(
  rules: readonly RouteRule[],
  settings: ActivatorSettings,
  events: DiscoveryEvents,
): Promise<Discovery | undefined> {
  const isNeeded = rules.some(({ replicas }) => replicas.kind === 'service');
  if (!isNeeded) return undefined;
  return await startDiscovery({ kubernetes: 'on', kubeconfig: settings.kubeconfig }, events);
}

function replicasOf(
  { replicas }: RouteRule,
  { readyPath, replicaProtocol }: ActivatorSettings,
  discovery: Discovery | undefined,
): ReplicaSet {
  if (replicas.kind === 'urls') {
    return new ProbedReplicas({ origins: replicas.urls, probe: httpProbe(readyPath), everyMs: PROBE_EVERY_MS });
  }
  const { namespace, service, port } = replicas;
  const source = discovery!.open({ kind: 'service', namespace, service, port });
  return new DiscoveredReplicas(source, `${namespace}/${service}`, replicaProtocol);
}

type Bounds = Pick<
  ActivatorOptions,
  | 'hold'
  | 'bodies'
  | 'heartbeatMs'
  | 'responseTimeoutMs'
  | 'concurrencyPerReplica'
  | 'priorityHeader'
  | 'stickyHeader'
  | 'stickyPrefixBytes'
  | 'quietPaths'
>;

function boundsOf(settings: ActivatorSettings): Bounds {
  return {
    hold: {
      maxHeld: settings.maxHeld,
      maxHeldPerLane: settings.maxHeldPerRoute,
      maxBytes: settings.maxHeldBytes,
      maxBytesPerLane: settings.maxHeldBytesPerRoute,
      timeoutMs: settings.holdTimeout,
    },
    bodies: {
      maxBytes: settings.maxBodyBytes,
      maxMemoryBytes: MOST_BODY_MEMORY,
      spoolDirectory: settings.largeBodies === 'file' ? (settings.spoolDirectory ?? tmpdir()) : undefined,
      memory: new MemoryPool(settings.bodyMemory),
    },
    heartbeatMs: settings.heartbeat,
    responseTimeoutMs: settings.responseTimeout,
    concurrencyPerReplica: settings.concurrencyPerReplica ?? Number.POSITIVE_INFINITY,
    priorityHeader: settings.priorityHeader,
    stickyHeader: settings.stickyHeader,
    stickyPrefixBytes: settings.stickyPrefixBytes ?? 0,
    quietPaths: settings.quietPaths ?? [],
  };
}

async function listenOptions({
  listenAddress,
  maxHeaderBytes,
  tls,
}: ActivatorSettings): Promise<ActivatorOptions['listen']> {
  if (tls === undefined) return { ...listenAddress, maxHeaderBytes, tls };
  const [cert, key] = await Promise.all([readFile(tls.certFile), readFile(tls.keyFile)]);
  return { ...listenAddress, maxHeaderBytes, tls: { cert, key } };
}
