import { afterEach, expect, it } from 'vitest';
import { gpuExporters } from '../../src/discovery/dcgm.ts';
import type { Discovery } from '../../src/discovery/discovery.ts';
import type { Endpoint } from '../../src/discovery/endpoint.ts';
import { nothingYet } from '../../src/discovery/endpoint-snapshot.ts';
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
    url: undefined,
  };
}

/** GPU exporters as discovery would list them. */
function listing(endpoints: readonly Endpoint[], onWalk: () => void): Discovery {
  const list = { ...nothingYet, synced: true, endpoints, replicas: endpoints.length };
  const current = () => {
    onWalk();
    return list;
  };
  const source = { current, subscribe: () => () => {}, close: () => {} };
  return { open: () => source, close: () => {} };
}

async function pagesOf(endpoints: readonly Endpoint[], onWalk = (): void => {}): Promise<GpuPages> {
  const settings = { allowCidrs: ['127.0.0.0/8'], denyCidrs: [], maxBodyBytes: 100_000, maxConcurrent: 8 };
  const events = { scraped: () => {}, countersArrived: () => {}, pageFailed: () => {}, threadDied: () => {} };
  const host = await ScrapeHost.start(settings, events);
  closing.push(() => host.close());
  const exporters = gpuExporters(listing(endpoints, onWalk), { kind: 'endpoints', urls: [] });
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

it('walks the exporters for nobody who wants none', async () => {
  const exporter = closeLater(await servePage(page(dcgmPage('a', 97))));
  let walks = 0;
  const pages = await pagesOf([exporterOn('one', exporter)], () => walks++);
  const askers = Array.from({ length: 100 }, () => ({}));
  for (const asker of askers) pages.want(asker, new Set());
  expect(walks).toBe(0);
  for (const asker of askers) pages.want(asker, new Set(['one']));
  for (const asker of askers) pages.want(asker, new Set(['one']));
  expect(walks).toBe(100);
});

it('believes of a pod what the exporter of its own node says, not what that of a former node still prints', async () => {
  const [former, own] = [
    closeLater(await servePage(page(dcgmPage('a', 97)))),
    closeLater(await servePage(page(dcgmPage('a', 5)))),
  ];
  const pages = await pagesOf([exporterOn('one', former), exporterOn('two', own)]);
  pages.want({}, new Set(['one', 'two']));
  const ratioOn = (node?: string) => pages.ofPod('models', 'a', node)?.gpus.utilizationRatio;
  await until(
    () => [ratioOn('one'), ratioOn('two')],
    (seen) => seen.every((ratio) => ratio !== undefined),
  );
  expect([ratioOn('one'), ratioOn('two'), ratioOn('three')]).toEqual([0.97, 0.05, undefined]);
  pages.close();
  expect(ratioOn()).toBeUndefined();
});

it('takes a pod away that its exporter names no more', async () => {
  const exporter = closeLater(await servePage(page(dcgmPage('a', 97))));
  const pages = await pagesOf([exporterOn('one', exporter)]);
  pages.want({}, new Set(['one']));
  const seen = () => ['a', 'b'].map((pod) => pages.ofPod('models', pod, 'one') !== undefined);
  await until(seen, ([a]) => a === true);
  exporter.answer(page(dcgmPage('b', 5)));
  await until(seen, ([a, b]) => a === false && b === true);
});
