import { afterEach, expect, it } from 'vitest';
import type { Reading } from '../../src/aggregation/reading.ts';
import { parseScrapeCredentials } from '../../src/config/access/scrape-credentials.ts';
import type { ScrapeAccess } from '../../src/readings/scrape-host.ts';
import { ScrapeHost } from '../../src/readings/scrape-host.ts';
import type { AccessMaterial } from '../../src/scrape/http/page-access.ts';
import type { ScrapeRequest } from '../../src/triggers/world.ts';
import { page, servePage } from '../fakes/page-host.ts';
import { closeLater, until } from '../fakes/running-service.ts';
import { protectedBy, serveSecure } from '../fakes/secure-page.ts';
import { makeAuthority } from '../grpc/make-certificate.ts';

const authority = makeAuthority('own');
const nothing: AccessMaterial = { authorization: undefined, caPem: undefined, serverName: undefined, verify: true };

const hosts: ScrapeHost[] = [];
afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.close()));
});

/** Rules as an operator writes them, and what each stands for. */
function accessOf(...rules: readonly (readonly [rule: Record<string, unknown>, material: Partial<AccessMaterial>])[]) {
  const whole = { hosts: ['127.0.0.0/8'], bearerTokenFile: '/token' };
  const parsed = parseScrapeCredentials(JSON.stringify(rules.map(([rule]) => ({ ...whole, ...rule }))));
  if (!parsed.ok) throw new Error(parsed.faults.join('; '));
  return { rules: parsed.value, materials: rules.map(([, material]) => ({ ...nothing, ...material })) };
}

/** The scrape thread, but it dies of a target whose URL says `deadly`. */
const mortalThread = new URL('../readings/mortal-thread.ts', import.meta.url);

async function start(access: ScrapeAccess, onDeath = (_error: unknown): void => {}): Promise<ScrapeHost> {
  const settings = { allowCidrs: ['127.0.0.0/8'], denyCidrs: [], maxBodyBytes: 100_000, maxConcurrent: 8 };
  const events = { scraped: () => {}, countersArrived: () => {}, pageFailed: () => {}, threadDied: onDeath };
  const host = await ScrapeHost.start(settings, events, access, mortalThread);
  hosts.push(host);
  return host;
}

function request(namespace: string, ...urls: readonly string[]): ScrapeRequest {
  return {
    namespace,
    scaledObject: 'llama',
    candidates: urls,
    intervalMs: 100,
    timeoutMs: 5000,
    isNamed: true,
    role: 'replica',
    engine: { kind: 'auto' },
    models: undefined,
    route: undefined,
  };
}

function follow(host: ScrapeHost, asked: ScrapeRequest): Reading[] {
  const readings: Reading[] = [];
  host.open(asked, (reading) => void readings.push(reading));
  return readings;
}

const enough = (...all: readonly (readonly Reading[])[]) =>
  until(
    () => all.map(({ length }) => length),
    (counts) => counts.every((count) => count >= 3),
  );
const names = (readings: readonly Reading[]) => new Set(readings.map((each) => (each.ok ? 'ok' : each.failure)));

it('never lets a namespace without the credential read what another was shown for it', async () => {
  const token = 'Bearer hunter2';
  const server = closeLater(
    await serveSecure(
      authority.issue('page'),
      protectedBy(() => token),
    ),
  );
  const caPem = authority.certPem.toString();
  const host = await start(
    accessOf(
      [{ namespaces: ['models'] }, { authorization: token, caPem }],
      [{ namespaces: ['*'], bearerTokenFile: undefined, caFile: '/ca' }, { caPem }],
    ),
  );
  const [mine, others, mineAgain] = [
    follow(host, request('models', server.url)),
    follow(host, request('research', server.url)),
    follow(host, request('models', server.url)),
  ];
  await enough(mine, others, mineAgain);
  expect([names(mine), names(others), names(mineAgain)]).toEqual([
    new Set(['ok']),
    new Set(['unauthorized']),
    new Set(['ok']),
  ]);
  expect(new Set(server.shown)).toEqual(new Set([token, undefined]));
});

it('shares a scrape between namespaces that one rule serves', async () => {
  const server = closeLater(await servePage(protectedBy(() => 'Bearer hunter2')));
  const rule = { namespaces: ['models', 'research'], allowPlainHttp: true };
  const host = await start(accessOf([rule, { authorization: 'Bearer hunter2' }]));
  const both = [follow(host, request('models', server.url)), follow(host, request('research', server.url))];
  await enough(...both);
  expect(both.map(names)).toEqual([new Set(['ok']), new Set(['ok'])]);
  expect(server.asked()).toBeLessThanOrEqual(Math.max(...both.map(({ length }) => length)) + 1);
});

it('shows each candidate only what is meant for it', async () => {
  const shown: string[] = [];
  const other = closeLater(
    await servePage((response, { headers }) => {
      shown.push(headers.authorization ?? 'none');
      page('# TYPE go_goroutines gauge\ngo_goroutines 8\n')(response, {} as never);
    }),
  );
  const model = closeLater(await servePage(protectedBy(() => 'Bearer hunter2')));
  const rule = { namespaces: ['models'], allowPlainHttp: true, ports: [model.port] };
  const host = await start(accessOf([rule, { authorization: 'Bearer hunter2' }]));
  const readings = follow(host, request('models', other.url, model.url));
  await enough(readings);
  expect(names(readings)).toEqual(new Set(['ok']));
  expect(new Set(shown)).toEqual(new Set(['none']));
});

it('sends nothing over plain http unless that is allowed', async () => {
  const shown: string[] = [];
  const server = closeLater(
    await servePage((response, asked) => {
      shown.push(asked.headers.authorization ?? 'none');
      protectedBy(() => 'Bearer hunter2')(response, asked);
    }),
  );
  const host = await start(accessOf([{ namespaces: ['models'] }, { authorization: 'Bearer hunter2' }]));
  const readings = follow(host, request('models', server.url));
  await enough(readings);
  expect(names(readings)).toEqual(new Set(['unauthorized']));
  expect(new Set(shown)).toEqual(new Set(['none']));
});

it('uses a new token at once, and still after the thread was started again', async () => {
  let token = 'Bearer first';
  const server = closeLater(await servePage(protectedBy(() => token)));
  let deaths = 0;
  const rule = { namespaces: ['models'], allowPlainHttp: true };
  const host = await start(accessOf([rule, { authorization: token }]), () => deaths++);
  const readings = follow(host, request('models', server.url));
  await enough(readings);
  token = 'Bearer second';
  host.setAccess(0, { ...nothing, authorization: token });
  await until(
    () => readings.at(-1),
    (last) => last?.ok === true && readings.length > 4,
  );
  const deadly = host.open(request('models', 'http://127.0.0.1:1/deadly'), () => {});
  await until(
    () => deaths,
    (count) => count > 0,
  );
  deadly.close();
  const before = readings.length;
  await until(
    () => readings.length,
    (count) => count > before + 3,
  );
  expect(names(readings.slice(before))).toEqual(new Set(['ok']));
});

it('shows GPU exporters what is meant for them, and no trigger the same', async () => {
  const gpus =
    '# TYPE DCGM_FI_DEV_GPU_UTIL gauge\nDCGM_FI_DEV_GPU_UTIL{gpu="0",UUID="GPU-1",namespace="m",pod="a"} 97\n';
  const exporter = closeLater(
    await servePage((response, { headers }) => {
      if (headers.authorization === 'Bearer hunter2') page(gpus)(response, {} as never);
      else response.writeHead(401).end();
    }),
  );
  const rule = { gpuExporters: true, allowPlainHttp: true };
  const host = await start(accessOf([rule, { authorization: 'Bearer hunter2' }]));
  const pages: unknown[] = [];
  const close = host.openGpu(request('any', exporter.url), (read) => void pages.push(...read));
  const readings = follow(host, request('models', exporter.url));
  await until(
    () => pages.length,
    (count) => count > 0,
  );
  await enough(readings);
  close();
  expect(pages[0]).toMatchObject({ pod: 'a', utilizationRatio: 0.97 });
  expect(names(readings)).toEqual(new Set(['unauthorized']));
});
