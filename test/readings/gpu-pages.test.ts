import { afterEach, expect, it } from 'vitest';
import { gpuExporters } from '../../src/discovery/dcgm.ts';
import type { Discovery } from '../../src/discovery/discovery.ts';
import type { Endpoint, EndpointSnapshot } from '../../src/discovery/endpoint.ts';
import { GpuPages } from '../../src/readings/gpu-pages.ts';
import { ScrapeHost } from '../../src/readings/scrape-host.ts';
import type { PageHost } from '../fakes/page-host.ts';
import { page, servePage } from '../fakes/page-host.ts';
import { closeLater, until } from '../fakes/running-service.ts';

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const dcgmPage = (pod: string, percent: number) =>
  `# TYPE DCGM_FI_DEV_GPU_UTIL gauge\nDCGM_FI_DEV_GPU_UTIL{gpu="0",UUID="GPU-${pod}",namespace="models",pod="${pod}"} ${percent}\n`;

function exporterOn(node: string, host: PageHost): Endpoint {
  return {
    name: `exporter-${node}`,
    address: '127.0.0.1',
    ports: [{ name: 'metrics', number: host.port }],
    phase: 'ready',
    namespace: 'gpu',
    node,
    startedAtMs: undefined,
    url: undefined,
  };
}

/** GPU exporters as discovery would list them. */
function listing(endpoints: readonly Endpoint[]): Discovery {
  const list: EndpointSnapshot = {
    synced: true,
    endpoints,
    replicas: endpoints.length,
    pollingIntervalMs: undefined,
    problem: undefined,
    invalid: false,
  };
  const source = { current: () => list, subscribe: () => () => {}, close: () => {} };
  const stats = () => ({ sources: 1, watches: 0, lists: 0, relists: 0, failures: 0 });
  return { open: () => source, stats, close: () => {} };
}

async function pagesOf(endpoints: readonly Endpoint[]): Promise<GpuPages> {
  const settings = { allowCidrs: ['127.0.0.0/8'], denyCidrs: [], maxBodyBytes: 100_000, maxConcurrent: 8 };
  const events = { scraped: () => {}, countersArrived: () => {}, pageFailed: () => {}, threadDied: () => {} };
  const host = await ScrapeHost.start(settings, events);
  closing.push(() => host.close());
  const exporters = gpuExporters(listing(endpoints), { kind: 'endpoints', urls: [] });
  const pages = new GpuPages(exporters, host, 100);
  closing.push(() => pages.close());
  return pages;
}

it('reads the exporters of nodes that somebody names, and of no others', async () => {
  const [first, second] = [
    closeLater(await servePage(page(dcgmPage('a', 97)))),
    closeLater(await servePage(page(dcgmPage('b', 5)))),
  ];
  const pages = await pagesOf([exporterOn('one', first), exporterOn('two', second)]);
  const asker = {};
  pages.want(asker, new Set(['one']));
  const facts = await until(
    () => pages.ofPod('models', 'a'),
    (found) => found !== undefined,
  );
  expect(facts?.gpus).toMatchObject({ utilizationRatio: 0.97, devices: 1, shared: false });
  expect(pages.ofPod('models', 'b')).toBeUndefined();
  expect(second.asked()).toBe(0);
});

it('reads an exporter as long as anybody wants its node', async () => {
  const exporter = closeLater(await servePage(page(dcgmPage('a', 97))));
  const pages = await pagesOf([exporterOn('one', exporter)]);
  const askers = [{}, {}];
  for (const asker of askers) pages.want(asker, new Set(['one']));
  pages.want(askers[0]!, new Set());
  await until(
    () => pages.ofPod('models', 'a'),
    (found) => found !== undefined,
  );
  pages.want(askers[1]!, new Set());
  expect(pages.ofPod('models', 'a')).toBeUndefined();
});
