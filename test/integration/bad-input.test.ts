import { gzipSync } from 'node:zlib';
import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Answer } from '../fakes/page-host.ts';
import { page, servePage, vllmPage } from '../fakes/page-host.ts';
import type { RunningService } from '../fakes/running-service.ts';
import {
  ask,
  askUntil,
  closeLater,
  openService,
  refTo as quickRefTo,
  refusal,
  runService,
  until,
} from '../fakes/running-service.ts';

/** The usual time-out: what is looked at here are words, not speed. */
const refTo: typeof quickRefTo = (hosts, more, name) =>
  quickRefTo(hosts, { scrapeInterval: '1s', scrapeTimeout: '600ms', ...more }, name);
const goodPage = vllmPage(5, 1);
const text = { 'content-type': 'text/plain; version=0.0.4' };

/** One service for all of it: what one trigger meets must not harm the next. */
let client: RunningService['client'];
let service: RunningService;
beforeAll(async () => {
  service = await openService(['--endpoint-allow-cidrs=127.0.0.0/8', '--max-body-bytes=200000']);
  ({ client } = service);
});
afterAll(async () => {
  await client.close();
  await service.close();
});

/** What a server does in place of a page, and what KEDA's user reads of it. */
const pages: [name: string, answer: Answer, words: RegExp][] = [
  ['HTML', page('<!doctype html><html><body>Sign in</body></html>', 'text/html'), /expected .*metrics.*found.*HTML/i],
  ['JSON of something else', page('{"status":"ok"}', 'application/json'), /JSON/],
  ['an empty page', page(''), /empty|no lines|nothing/i],
  [
    'a broken line',
    page(goodPage.replace('} 5.0', '} five')),
    /line 3: vllm_num_requests_running: expected a value, found `five`/,
  ],
  ['a page without its end', (response) => cut(response), /cut after \d+ bytes/],
  ['an endless page', (response) => endless(response), /more than \d+ bytes/],
  ['a compressed bomb', (response) => bomb(response), /more than \d+ bytes/],
  ['a slow drip', (response) => drip(response), /within 600 ms/],
  ['silence', () => {}, /within 600 ms/],
  [
    'a redirect',
    (response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    /302; redirects are not followed/,
  ],
  ['401', (response) => response.writeHead(401).end(), /401 and no credential was sent; .*allowPlainHttp/],
  ['404', (response) => response.writeHead(404).end(), /404; metrics may be switched off on the server/],
  ['500', (response) => response.writeHead(500).end(), /status 500/],
  [
    'metrics switched off',
    page(
      '# TYPE python_info gauge\npython_info{version="3.12"} 1.0\n# TYPE http_requests_total counter\nhttp_requests_total 4.0\n',
    ),
    /--disable-log-stats/,
  ],
  ['a GPU exporter', page('# TYPE DCGM_FI_DEV_GPU_UTIL gauge\nDCGM_FI_DEV_GPU_UTIL{gpu="0"} 97\n'), /GPU exporter/],
  [
    "a sidecar's page",
    page('# TYPE envoy_cluster_upstream_rq_active gauge\nenvoy_cluster_upstream_rq_active{envoy_cluster_name="x"} 5\n'),
    /Envoy.*stands in front/,
  ],
];

it.each(pages)('says what is wrong with %s, holds, and harms nobody else', async (name, answer, words) => {
  const bad = closeLater(await servePage(answer));
  const good = closeLater(await servePage(page(goodPage)));
  const [held] = await Promise.all([
    until(
      () => refusal(ask(client, refTo([bad], {}, name))),
      ({ details }) => words.test(details),
    ),
    askUntil(client, refTo([good], {}, `beside ${name}`), 6),
  ]);
  expect(held.code).toBe(status.UNAVAILABLE);
  expect(held.details).not.toContain('\n');
});

const metadata: [name: string, more: Record<string, string>, words: RegExp][] = [
  ['a target of zero', { targetValue: '0' }, /"targetValue" value "0" must be a positive number/],
  ['a negative target', { targetValue: '-3' }, /"targetValue"/],
  ['an unknown key', { idelAfter: '5s' }, /"idelAfter" is not a parameter; did you mean "idleAfter"\?/],
  ['contradictory keys', { service: 'front' }, /"service" and "endpoints" contradict each other/],
  ['a duration without unit', { window: '60' }, /"window" value "60" .*"60s"/],
  [
    'several faults at once',
    { window: '60', idelAfter: '5s', engine: 'vlm' },
    /"engine".*did you mean "vllm".*"window".*"idelAfter"/s,
  ],
];

it.each(metadata)('refuses %s with words', async (_name, more, words) => {
  const replica = closeLater(await servePage(page(goodPage)));
  for (const call of ['GetMetricSpec', 'IsActive'] as const) {
    const { code, details } = await refusal(client.call(call, refTo([replica], more, 'metadata')));
    expect(code).toBe(status.INVALID_ARGUMENT);
    expect(details).toMatch(words);
  }
});

it('refuses metadata without a target', async () => {
  const { code, details } = await refusal(
    client.call('GetMetricSpec', { name: 'a', namespace: 'b', scalerMetadata: {} }),
  );
  expect(code).toBe(status.INVALID_ARGUMENT);
  expect(details).toContain('missing required parameter "targetValue"');
});

it('says which models there are when the one asked for is not', async () => {
  const replica = closeLater(await servePage(page(goodPage)));
  await until(
    () => refusal(ask(client, refTo([replica], { model: 'lama' }, 'other model'))),
    ({ code, details }) =>
      code === status.UNAVAILABLE && details.includes('model "lama" is not on this page; it has: llama'),
  );
});

it('says that there is no Kubernetes API to find the scale target with', async () => {
  const ref = { name: 'llama', namespace: 'models', scalerMetadata: { targetValue: '10' } };
  const { details } = await refusal(ask(client, { ...ref } as never));
  expect(details).toMatch(/no Kubernetes API: .*use "dns" or "endpoints"/);
});

it('lets no trigger name addresses unless the operator allows it', async () => {
  const replica = closeLater(await servePage(page(goodPage)));
  const { client } = await runService([]);
  const ref = refTo([replica]);
  expect((await refusal(client.call('IsActive', ref))).code).toBe(status.FAILED_PRECONDITION);
  expect((await client.call('GetMetricSpec', ref)).metricSpecs).toHaveLength(1);
  expect(replica.asked()).toBe(0);
});

it('reaches only the networks the operator named', async () => {
  const replica = closeLater(await servePage(page(goodPage)));
  const { client } = await runService(['--endpoint-allow-cidrs=10.0.0.0/8']);
  await until(
    () => refusal(ask(client, refTo([replica]))),
    ({ details }) => details.includes('an address that must not be reached (loopback)'),
  );
  expect(replica.asked()).toBe(0);
});

it('does not reach an address that is merely not forbidden, when a trigger names it', async () => {
  const { client } = await runService(['--endpoint-allow-cidrs=10.0.0.0/8']);
  const elsewhere = { url: 'http://192.0.2.1:8000/metrics' } as Parameters<typeof refTo>[0][number];
  await until(
    () => refusal(ask(client, refTo([elsewhere]))),
    ({ details }) => details.includes('an address that must not be reached (not-allowed)'),
  );
});

type Response = Parameters<Answer>[0];

function cut(response: Response): void {
  response.writeHead(200, { ...text, 'content-length': Buffer.byteLength(goodPage) });
  response.write(goodPage.slice(0, 300), () => response.destroy());
}

function endless(response: Response): void {
  response.writeHead(200, text);
  const line = `${'# filler '.repeat(1000)}\n`;
  const more = (): void => {
    while (!response.destroyed && response.write(line));
  };
  response.on('drain', more);
  more();
}

function bomb(response: Response): void {
  const body = gzipSync(Buffer.alloc(20_000_000, '#\n'));
  response.writeHead(200, { ...text, 'content-encoding': 'gzip', 'content-length': body.length }).end(body);
}

function drip(response: Response): void {
  response.writeHead(200, { ...text, 'content-length': Buffer.byteLength(goodPage) });
  let sent = 0;
  const timer = setInterval(() => response.write(goodPage[sent++] ?? '#'), 20);
  response.on('close', () => clearInterval(timer));
}
