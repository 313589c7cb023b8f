import { expect, it } from 'vitest';
import { parseActivatorSettings } from '../../src/config/activator/activator-settings.ts';
import type { Discovery } from '../../src/discovery/discovery.ts';
import { createDiscovery } from '../../src/discovery/discovery.ts';
import type { EndpointSource } from '../../src/discovery/endpoint.ts';
import { startActivator } from '../../src/service/start-activator.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { systemClock } from '../../src/time/system-clock.ts';
import { ask as askModel, chat, echo, startModel } from '../activator/stage.ts';
import type { Ref } from '../fakes/running-service.ts';
import { ask, askUntil, closeLater, openService, quick, refusal, until } from '../fakes/running-service.ts';

/** An activator as the command starts it, on loopback. */
async function runActivator(...flags: readonly string[]) {
  const own = ['--listen-address=127.0.0.1:0', '--admin-address=127.0.0.1:0', '--shutdown-grace=0s'];
  const settings = parseActivatorSettings([...own, ...flags], {});
  if (!settings.ok) throw new Error(settings.faults.join('; '));
  const lines: string[] = [];
  const logger = createLogger({ level: 'debug', format: 'json', write: (line) => void lines.push(line) });
  const started = closeLater(await startActivator(settings.value, logger));
  return { ...started, port: Number(started.address.split(':').at(-1)) };
}

/** A workload without replicas, whatever else is asked for being found as usual. */
function atZero(): Discovery {
  const none = {
    synced: true,
    endpoints: [],
    replicas: 0,
    pollingIntervalMs: 5000,
    problem: undefined,
    invalid: false,
  };
  const source: EndpointSource = { current: () => none, subscribe: () => () => undefined, close: () => undefined };
  const lookup = async () => ({ addresses: [], ttlMs: 0 });
  const events = { watchOpened() {}, watchClosed() {}, listed() {}, failed() {} };
  const real = createDiscovery({ kube: 'no cluster here', lookup, clock: systemClock, events });
  return { ...real, open: (request) => (request.kind === 'scale-target' ? source : real.open(request)) };
}

async function scalerOf(activator: { readonly adminAddress: string }, targetValue: string) {
  const service = await openService(['--endpoint-allow-cidrs', '127.0.0.0/8'], { discovery: atZero() });
  closeLater(service);
  closeLater(service.client);
  const gatewayEndpoints = `http://${activator.adminAddress}`;
  const ref = { namespace: 'models', name: 'llama', scalerMetadata: { ...quick, targetValue, gatewayEndpoints } };
  return { ...service, ref: ref as unknown as Ref };
}

it('wakes a model at zero: what is held is the demand at once, and is answered once a replica is ready', async () => {
  const port = await freePort();
  const activator = await runActivator(`--replica=http://127.0.0.1:${port}`, '--ready-path=/health');
  const { client, ref } = await scalerOf(activator, '8');
  expect(await askUntil(client, ref, 0)).toEqual({ value: 0, wholeValue: 0, active: false });

  const pushedAtMs: number[] = [];
  const ending = new AbortController();
  const onPush = async (): Promise<void> => void pushedAtMs.push(performance.now());
  const stream = client.stream('StreamIsActive', ref, onPush, ending.signal);
  const sentAtMs = performance.now();
  const answers = Array.from({ length: 100 }, async () => await askModel(activator, { body: chat() }));
  await until(
    () => pushedAtMs.length,
    (pushes) => pushes > 0,
  );
  expect(pushedAtMs[0]! - sentAtMs).toBeLessThan(2000);
  const told = await askUntil(client, ref, 100);
  expect(told).toMatchObject({ value: 100, active: true });
  expect(Math.ceil(told.value / 8)).toBe(13); // what the HPA makes of a total

  const model = await startModel(echo, port);
  const statuses = (await Promise.all(answers)).map(({ status }) => status);
  expect(new Set(statuses)).toEqual(new Set([200]));
  expect(model.asked.filter(({ method }) => method === 'POST')).toHaveLength(100);
  await until(
    () => ask(client, ref),
    ({ value, active }) => value === 0 && !active,
  );
  ending.abort();
  await refusal(stream);
});

it('is not woken by questions about it', async () => {
  const activator = await runActivator(`--replica=http://127.0.0.1:${await freePort()}`, '--model=llama');
  const { client, ref } = await scalerOf(activator, '8');
  await askUntil(client, ref, 0);
  const questions = ['/health', '/healthz', '/v1/models', '/metrics', '/version', '/v2/health/ready'];
  const answers = await Promise.all(questions.map(async (path) => await askModel(activator, { path })));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 503, 503, 200]);
  expect(JSON.parse(answers[2]!.body).data).toMatchObject([{ id: 'llama', object: 'model' }]);
  const preflight = { method: 'OPTIONS', headers: { origin: 'http://a', 'access-control-request-method': 'POST' } };
  expect(await askModel(activator, preflight)).toMatchObject({
    status: 204,
    headers: { 'access-control-allow-origin': '*', 'access-control-allow-methods': 'POST' },
  });
  await new Promise((resolve) => setTimeout(resolve, 500)); // ten reads of the page
  expect(await ask(client, ref)).toEqual({ value: 0, wholeValue: 0, active: false });
});

async function freePort(): Promise<number> {
  const { server, url } = await startModel(echo);
  await new Promise((resolve) => server.close(resolve));
  return Number(new URL(url).port);
}
