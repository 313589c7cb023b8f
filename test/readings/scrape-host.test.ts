import { afterEach, expect, it } from 'vitest';
import type { Reading } from '../../src/aggregation/reading.ts';
import { noAccess, ScrapeHost } from '../../src/readings/scrape-host.ts';
import type { PageFault } from '../../src/readings/thread-protocol.ts';
import type { ScrapeRequest } from '../../src/triggers/world.ts';
import type { PageHost } from '../fakes/page-host.ts';
import { page, servePage, vllmPage } from '../fakes/page-host.ts';
import { closeLater, until } from '../fakes/running-service.ts';

const hosts: ScrapeHost[] = [];
afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.close()));
});

async function start(
  events: { onDeath?: () => void; onFault?: (fault: PageFault) => void } = {},
): Promise<{ host: ScrapeHost; scrapes: Reading[] }> {
  const scrapes: Reading[] = [];
  const settings = { allowCidrs: ['127.0.0.0/8'], denyCidrs: [], maxBodyBytes: 100_000, maxConcurrent: 8 };
  const host = await ScrapeHost.start(settings, {
    scraped: (reading) => void scrapes.push(reading),
    countersArrived: () => {},
    pageFailed: (fault) => events.onFault?.(fault),
    threadDied: () => events.onDeath?.(),
  });
  hosts.push(host);
  return { host, scrapes };
}

function request(urls: readonly string[], more: Partial<ScrapeRequest> = {}): ScrapeRequest {
  return {
    namespace: 'models',
    scaledObject: 'llama',
    candidates: urls,
    intervalMs: 200,
    timeoutMs: 5000,
    isNamed: true,
    role: 'replica',
    engine: { kind: 'auto' },
    models: undefined,
    route: undefined,
    ...more,
  };
}

async function firstReading(host: ScrapeHost, asked: ScrapeRequest): Promise<Reading> {
  const readings: Reading[] = [];
  const open = host.open(asked, (reading) => void readings.push(reading));
  await until(
    () => readings.length,
    (count) => count > 0,
  );
  open.close();
  return readings[0]!;
}

const serve = async (body: string, type?: string): Promise<PageHost> => closeLater(await servePage(page(body, type)));

it('reads the first page that is one of a model server', async () => {
  const { host } = await start();
  const other = await serve('# TYPE go_goroutines gauge\ngo_goroutines 8\n');
  const model = await serve(vllmPage(3, 2, 9));
  const reading = await firstReading(host, request([other.url, model.url]));
  expect(reading).toMatchObject({
    ok: true,
    url: model.url,
    engine: 'vllm',
    signals: { running: 3, waiting: 2, concurrency: 5, kvCacheRatio: 0.25, requestsTotal: 9, capacity: undefined },
  });
});

it('tells of the most telling failure when none of the pages is one', async () => {
  const { host } = await start();
  const html = await serve('<html></html>', 'text/html');
  const reading = await firstReading(host, request(['http://127.0.0.1:1/metrics', html.url, 'http://127.0.0.1:1/x']));
  expect(reading).toMatchObject({ ok: false, failure: 'html', url: html.url });
});

it('lets everybody who is interested in an endpoint read by names of their own', async () => {
  const { host, scrapes } = await start();
  const model = await serve(vllmPage(3, 2));
  const asked = [
    request([model.url]),
    request([model.url], { engine: { kind: 'preset', name: 'vllm' }, models: ['llama'] }),
    request([model.url], { engine: { kind: 'preset', name: 'sglang' } }),
    request([model.url], {
      engine: {
        kind: 'custom',
        running: { family: 'vllm:num_requests_running', labels: { engine: '0' } },
        waiting: undefined,
        requests: undefined,
      },
    }),
  ];
  const readings = asked.map((): Reading[] => []);
  const open = asked.map((each, place) => host.open(each, (reading) => void readings[place]!.push(reading)));
  await until(
    () => readings.every((told) => told.length >= 3),
    (everybody) => everybody,
  );
  for (const each of open) each.close();
  const last = readings.map((told) => told.at(-1)!);
  expect(last.map((reading) => (reading.ok ? reading.signals.concurrency : reading.failure))).toEqual([
    5,
    5,
    'wrong-engine',
    3,
  ]);
  expect(scrapes.length).toBeLessThanOrEqual(model.asked() + 1);
});

it('does not let one who looks for something else change what another finds', async () => {
  const { host } = await start();
  const sidecar = await serve('# TYPE jobs gauge\njobs 40\n');
  const model = await serve(vllmPage(3, 2));
  const jobs = {
    kind: 'custom',
    running: { family: 'jobs', labels: {} },
    waiting: undefined,
    requests: undefined,
  } as const;
  const both = [sidecar.url, model.url];
  const [own, others] = await Promise.all([
    firstReading(host, request(both, { engine: jobs })),
    firstReading(host, request(both)),
  ]);
  expect(own).toMatchObject({ ok: true, url: sidecar.url, signals: { concurrency: 40 } });
  expect(others).toMatchObject({ ok: true, url: model.url, signals: { concurrency: 5 } });
});

it('looks on for the families that a trigger names', async () => {
  const { host } = await start();
  const first = await serve('# TYPE go_goroutines gauge\ngo_goroutines 8\n');
  const second = await serve('# TYPE jobs gauge\njobs 40\n');
  const jobs = {
    kind: 'custom',
    running: { family: 'jobs', labels: {} },
    waiting: undefined,
    requests: undefined,
  } as const;
  const reading = await firstReading(host, request([first.url, second.url], { engine: jobs }));
  expect(reading).toMatchObject({ ok: true, url: second.url, signals: { running: 40 } });
});

it('reads a page that takes longer than its interval, never twice at once, and counts it when it comes', async () => {
  const { host } = await start();
  let underWay = 0;
  let mostUnderWay = 0;
  const slow = closeLater(
    await servePage((response, asked) => {
      mostUnderWay = Math.max(mostUnderWay, ++underWay);
      setTimeout(() => {
        underWay--;
        page(vllmPage(9, 1))(response, asked);
      }, 1000);
    }),
  );
  const readings: Reading[] = [];
  host.open(request([slow.url], { intervalMs: 100 }), (reading) => void readings.push(reading));
  await until(
    () => readings.length,
    (count) => count >= 2,
  );
  expect(mostUnderWay).toBe(1);
  for (const reading of readings) {
    expect(reading).toMatchObject({ ok: true, signals: { concurrency: 10 }, restMs: 0 });
    expect(reading.ok && reading.durationMs).toBeGreaterThanOrEqual(990);
  }
});

it('stops scraping when nobody is interested any more', async () => {
  const { host } = await start();
  const model = await serve(vllmPage(1, 0));
  await firstReading(host, request([model.url]));
  const after = model.asked();
  await firstReading(host, request([(await serve(vllmPage(1, 0))).url], { intervalMs: 400 }));
  expect(model.asked()).toBeLessThanOrEqual(after + 1);
});

it('looks again whose page it is when it becomes another one', async () => {
  const { host } = await start();
  const model = await serve(vllmPage(1, 0));
  const readings: Reading[] = [];
  const open = host.open(request([model.url]), (reading) => void readings.push(reading));
  const engines = (): string[] => readings.map((reading) => (reading.ok ? reading.engine : reading.failure));
  await until(engines, (seen) => seen.includes('vllm'));
  model.answer(
    page(
      '# TYPE tgi_batch_current_size gauge\ntgi_batch_current_size 4\n# TYPE tgi_queue_size gauge\ntgi_queue_size 1\n',
    ),
  );
  await until(engines, (seen) => seen.includes('tgi'));
  open.close();
  expect(new Set(engines())).toEqual(new Set(['vllm', 'wrong-engine', 'tgi']));
});

it('never takes a gateway for a replica, nor another route for ours', async () => {
  const { host } = await start();
  const queue = await serve(
    '{"models/llama":{"Concurrency":3,"RequestCount":9},"other/big":{"Concurrency":90}}',
    'application/json',
  );
  expect(await firstReading(host, request([queue.url]))).toMatchObject({ ok: false, failure: 'wrong-engine' });
  const asGateway = request([queue.url], { role: 'gateway', route: 'models/llama' });
  expect(await firstReading(host, asGateway)).toMatchObject({ ok: true, signals: { concurrency: 3 } });
});

it("reads a GPU exporter's page", async () => {
  const { host } = await start();
  const exporter = await serve(
    '# TYPE DCGM_FI_DEV_GPU_UTIL gauge\nDCGM_FI_DEV_GPU_UTIL{gpu="0",UUID="GPU-1",namespace="models",pod="a"} 97\n',
  );
  const pages: unknown[] = [];
  const close = host.openGpu(request([exporter.url]), (gpus) => void pages.push(gpus[0]));
  await until(
    () => pages.length,
    (count) => count > 0,
  );
  close();
  expect(pages[0]).toMatchObject({ pod: 'a', namespace: 'models', utilizationRatio: 0.97 });
});

it('refuses to start with settings that the thread cannot use, and leaves nothing running', async () => {
  const settings = { allowCidrs: ['not a network'], denyCidrs: [], maxBodyBytes: 1, maxConcurrent: 1 };
  const events = { scraped: () => {}, countersArrived: () => {}, pageFailed: () => {}, threadDied: () => {} };
  await expect(ScrapeHost.start(settings, events)).rejects.toThrow(/not a network/);
});

it('contains a page that makes its reader throw: the thread lives, others read on, and both are told', async () => {
  const model = await serve(vllmPage(6, 0));
  let deaths = 0;
  const faults: PageFault[] = [];
  const { host } = await start({ onDeath: () => deaths++, onFault: (fault) => faults.push(fault) });
  const readings: Reading[] = [];
  host.open(request([model.url]), (reading) => void readings.push(reading));
  const wrong: Partial<ScrapeRequest>[] = [
    { models: 5 as unknown as string[] },
    { engine: { kind: 'preset', name: 'none' as 'vllm' } },
  ];
  for (const more of wrong) {
    const before = readings.length;
    const failed = await firstReading(host, request([model.url], more));
    expect(failed).toMatchObject({
      ok: false,
      failure: 'scaler-fault',
      detail: expect.stringContaining('its log has'),
    });
    await until(
      () => readings.length,
      (count) => count > before + 2,
    );
  }
  expect(readings.every((reading) => reading.ok)).toBe(true);
  expect(faults.map(({ url }) => new Set([url]))).toContainEqual(new Set([model.url]));
  expect(faults[0]!.error).toMatch(/TypeError/);
  expect(deaths).toBe(0);
});

/** A thread that answers at once, and dies of targets that say so: with a mark on them, or without. */
const deadlyThread = new URL('./deadly-thread.ts', import.meta.url);

async function startDeadly(): Promise<{ host: ScrapeHost; deathsAtMs: number[] }> {
  const deathsAtMs: number[] = [];
  const settings = { allowCidrs: [], denyCidrs: [], maxBodyBytes: 1, maxConcurrent: 1 };
  const events = {
    scraped: () => {},
    countersArrived: () => {},
    pageFailed: () => {},
    threadDied: () => void deathsAtMs.push(performance.now()),
  };
  const host = await ScrapeHost.start(settings, events, noAccess, deadlyThread);
  hosts.push(host);
  return { host, deathsAtMs };
}

it('starts a thread that dies again each time after twice as long, whatever it said before', async () => {
  const { host, deathsAtMs } = await startDeadly();
  host.open(request(['http://unmarked.deadly/metrics']), () => {});
  await until(
    () => deathsAtMs.length,
    (count) => count === 5,
  );
  const gapsMs = deathsAtMs.slice(1).map((atMs, nth) => atMs - deathsAtMs[nth]!);
  for (const [nth, gapMs] of gapsMs.entries()) expect(gapMs).toBeGreaterThanOrEqual(100 * 2 ** nth - 1);
});

it('leaves a page alone of which the thread died twice, says so, and reads the others', async () => {
  const { host, deathsAtMs } = await startDeadly();
  const [deadly, later, other]: Reading[][] = [[], [], []];
  host.open(request(['http://marked.deadly/metrics']), (reading) => void deadly!.push(reading));
  await until(
    () => deadly!.length,
    (count) => count > 0,
  );
  expect(deadly![0]).toMatchObject({ ok: false, failure: 'quarantined', url: 'http://marked.deadly/metrics' });
  expect(deathsAtMs).toHaveLength(2);
  host.open(request(['http://marked.deadly/edited'], { timeoutMs: 1 }), (reading) => void later!.push(reading));
  host.open(request(['http://marked.deadly/metrics'], { namespace: 'others' }), () => {});
  host.open(request(['http://harmless/metrics']), (reading) => void other!.push(reading));
  await until(
    () => Math.min(later!.length, other!.length),
    (count) => count > 0,
  );
  expect(later![0]).toMatchObject({ failure: 'quarantined', detail: expect.stringContaining('for 10 minutes') });
});
