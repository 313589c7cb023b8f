import { fileURLToPath } from 'node:url';
import { afterEach } from 'vitest';
import type { Settings } from '../../src/config/settings/settings.ts';
import { parseSettings } from '../../src/config/settings/settings.ts';
import type { ServiceParts, StartedService } from '../../src/service/start-service.ts';
import { startService } from '../../src/service/start-service.ts';
import { ScalerConnection } from '../../src/simulate/keda/scaler-connection.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import type { PageHost } from './page-host.ts';

const protoPath = fileURLToPath(new URL('../../proto/externalscaler.proto', import.meta.url));
const opened: { close(): unknown }[] = [];

afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});

/** Closes this after the test, before whatever was kept earlier. */
export function closeLater<Thing extends { close(): unknown }>(thing: Thing): Thing {
  opened.push(thing);
  return thing;
}

export interface RunningService extends StartedService {
  readonly client: ScalerConnection;
  readonly lines: string[];
}

/** The whole service on loopback, without a cluster, and a client that calls it as KEDA does; closed after the test. */
export async function runService(flags?: readonly string[]): Promise<RunningService> {
  const service = await openService(flags);
  closeLater(service);
  closeLater(service.client);
  return service;
}

/** The same, closed by whoever opened it, and the client with it. */
export async function openService(
  flags: readonly string[] = ['--endpoint-allow-cidrs', '127.0.0.0/8'],
  parts: ServiceParts = {},
): Promise<RunningService> {
  const lines: string[] = [];
  const settings: Settings = settingsOf([
    '--grpc-address=127.0.0.1:0',
    '--admin-address=127.0.0.1:0',
    '--kubernetes=off',
    '--shutdown-grace=2s',
    ...flags,
  ]);
  const logger = createLogger({ level: 'debug', format: 'json', write: (line) => void lines.push(line) });
  const service = await startService(settings, logger, parts);
  return { ...service, client: connection(service.grpcAddress), lines };
}

export function settingsOf(flags: readonly string[]): Settings {
  const settings = parseSettings(flags, {});
  if (!settings.ok) throw new Error(settings.faults.join('; '));
  return settings.value;
}

/** A channel over one or several addresses, calls going to each in turn. */
export function connect(...addresses: readonly string[]): ScalerConnection {
  return closeLater(connection(addresses.join(',')));
}

function connection(addresses: string): ScalerConnection {
  return new ScalerConnection(`ipv4:${addresses}`, { protoPath, timeScale: 10 });
}

/** Short windows and intervals, so that a test sees the end of them. */
export const quick = {
  targetValue: '10',
  window: '1s',
  burstWindow: '1s',
  scrapeInterval: '500ms',
  scrapeTimeout: '480ms',
  staleAfter: '3s',
  idleAfter: '300ms',
};

export function refTo(pages: readonly PageHost[], more: Readonly<Record<string, string>> = {}, name = 'llama') {
  const endpoints = pages.map(({ url }) => url).join(',');
  return { namespace: 'models', name, scalerMetadata: { ...quick, endpoints, ...more } };
}

export type Ref = ReturnType<typeof refTo>;

export interface Told {
  readonly value: number;
  readonly wholeValue: number;
  readonly active: boolean;
}

/** What KEDA is told, in the order in which it asks. Rejects with what the service said. */
export async function ask(client: ScalerConnection, ref: Ref): Promise<Told> {
  const { metricSpecs } = await client.call('GetMetricSpec', ref);
  const metricName = metricSpecs[0]!.metricName;
  const { metricValues } = await client.call('GetMetrics', { scaledObjectRef: ref, metricName });
  const { result } = await client.call('IsActive', ref);
  return { value: metricValues[0]!.metricValueFloat, wholeValue: metricValues[0]!.metricValue, active: result };
}

/** Asks again and again until the answer is right, and fails with the last one when it never is. */
export async function until<Seen>(look: () => Promise<Seen> | Seen, isRight: (seen: Seen) => boolean): Promise<Seen> {
  const deadlineMs = performance.now() + 12_000;
  for (;;) {
    const seen = await look();
    if (isRight(seen)) return seen;
    if (performance.now() > deadlineMs) throw new Error(`never came: last seen ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Asks until the value is this one: the first answer of a busy machine may come before everything was read. */
export async function askUntil(client: ScalerConnection, ref: Ref, value: number): Promise<Told> {
  const told: Told[] = [];
  await until(
    () => refusal(ask(client, ref).then((answer) => told.push(answer))),
    () => told.at(-1)?.value === value,
  );
  return told.at(-1)!;
}

/** The refusal of a call, as code and words. */
export async function refusal(call: Promise<unknown>): Promise<{ readonly code: number; readonly details: string }> {
  try {
    const answer = await call;
    return { code: 0, details: `answered ${JSON.stringify(answer)}` };
  } catch (error) {
    return error as { code: number; details: string };
  }
}
