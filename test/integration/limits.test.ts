import { status } from '@grpc/grpc-js';
import { expect, it } from 'vitest';
import { page, servePage, vllmPage } from '../fakes/page-host.ts';
import type { RunningService } from '../fakes/running-service.ts';
import { ask, closeLater, refTo, refusal, runService, until } from '../fakes/running-service.ts';

const allowed = '--endpoint-allow-cidrs=127.0.0.0/8';

/** The value of one series of ours on the metrics page; undefined where there is none. */
async function metric({ adminAddress }: RunningService, series: string): Promise<number | undefined> {
  const body = await (await fetch(`http://${adminAddress}/metrics`)).text();
  const line = body.split('\n').find((text) => text.startsWith(`keda_llm_scaler_${series} `));
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ')));
}

const triggerLimits: [name: string, flags: string[], limit: string, words: string][] = [
  ['of triggers', ['--max-triggers=1'], 'triggers', 'this scaler follows at most 1 triggers; all places are taken'],
  [
    'of triggers of one namespace',
    ['--max-triggers-per-namespace=1'],
    'triggers-per-namespace',
    'this scaler follows at most 1 triggers of one namespace; "models" has used them',
  ],
];

it.each(triggerLimits)('the number %s', async (_name, flags, limit, words) => {
  const replica = closeLater(await servePage(page(vllmPage(5, 1))));
  const service = await runService([allowed, ...flags]);
  await refusal(ask(service.client, refTo([replica], {}, 'first')));
  expect(await metric(service, `limit_refusals_total{limit="${limit}"}`)).toBe(0);
  const { code, details } = await refusal(service.client.call('IsActive', refTo([replica], {}, 'second')));
  expect(code).toBe(status.RESOURCE_EXHAUSTED);
  expect(details).toContain(words);
  expect(await metric(service, `limit_refusals_total{limit="${limit}"}`)).toBe(1);
  expect(service.lines.filter((line) => line.includes('trigger refused: a limit is reached'))).toHaveLength(1);
});

it('the number of endpoints of one trigger', async () => {
  const replicas = await Promise.all([1, 2, 3].map(() => servePage(page(vllmPage(5, 1)))));
  for (const replica of replicas) closeLater(replica);
  const service = await runService([allowed, '--max-endpoints-per-trigger=2']);
  const ref = refTo(replicas);
  // Two say 12 together; the third is anything between nothing and a target of 10.
  await until(
    () => refusal(ask(service.client, ref)),
    ({ details }) => /"value":(1[2-9]|2[0-2])/.test(details),
  );
  const labels = '{namespace="models",scaled_object="llama",metric="concurrency",scope="3 endpoints"}';
  expect(await metric(service, `endpoints_beyond_limit${labels}`)).toBe(1);
  expect(service.status()[0]).toMatchObject({ endpointsBeyondLimit: 1, unreadable: 1 });
  expect(replicas[2]!.asked()).toBe(0);
});

const manySamples = Array.from({ length: 10_001 }, (_, at) => `vllm:num_requests_running{engine="${at}"} 1\n`).join('');
const pages: [name: string, body: string, reason: string, words: string][] = [
  ['the bytes of a page', vllmPage(5, 1).padEnd(1_000_001, '\n'), 'body-too-large', 'more than 1000000 bytes'],
  ['the samples of a page', manySamples, 'too-many-samples', 'expected at most 10000 samples of wanted names'],
  [
    'the length of a label’s value',
    vllmPage(5, 1, 0, 'm'.repeat(1025)),
    'malformed',
    'expected a quoted text of at most 1024 bytes',
  ],
  [
    'the length of a label’s name',
    vllmPage(5, 1).replace('engine=', `${'e'.repeat(129)}=`),
    'malformed',
    'expected a label name of at most 128 bytes',
  ],
  [
    'the length of a line',
    vllmPage(5, 1).replace('} 5.0', `} 5.0${' '.repeat(70_000)}`),
    'malformed',
    'expected lines of at most 65536 bytes, found a longer one',
  ],
];

it.each(pages)('%s', async (_name, body, reason, words) => {
  const replica = closeLater(await servePage(page(body)));
  const service = await runService([allowed, '--max-body-bytes=1000000']);
  const { details } = await until(
    () => refusal(ask(service.client, refTo([replica]))),
    (seen) => seen.details.includes(words),
  );
  expect(details).toContain('holding');
  expect(await metric(service, `scrape_failures_total{reason="${reason}"}`)).toBeGreaterThan(0);
});

it('the size of a message', async () => {
  const service = await runService([allowed]);
  const ref = { name: 'a', namespace: 'b', scalerMetadata: { targetValue: '1'.repeat(70_000) } };
  const { code, details } = await refusal(service.client.call('GetMetricSpec', ref));
  expect(code).toBe(status.RESOURCE_EXHAUSTED);
  expect(details).toMatch(/larger than max \(\d+ vs 65536\)/);
  expect(await metric(service, 'limit_refusals_total{limit="message-bytes"}')).toBe(1);
  const handled = 'grpc_server_handled_total{method="GetMetricSpec",code="RESOURCE_EXHAUSTED"}';
  expect(await metric(service, handled)).toBe(1);
});

it('the size of metadata', async () => {
  const service = await runService([allowed]);
  const ref = { name: 'a', namespace: 'b', scalerMetadata: { targetValue: '1', model: 'm'.repeat(17_000) } };
  const { code, details } = await refusal(service.client.call('GetMetricSpec', ref));
  expect(code).toBe(status.INVALID_ARGUMENT);
  expect(details).toMatch(/metadata has \d+ bytes: at most 16384 are accepted/);
  expect(await metric(service, 'limit_refusals_total{limit="message-bytes"}')).toBe(0);
  expect(await metric(service, 'grpc_server_handled_total{method="GetMetricSpec",code="INVALID_ARGUMENT"}')).toBe(1);
});

it('the scrapes under way at once', async () => {
  let open = 0;
  let most = 0;
  const silent = closeLater(
    await servePage((response) => {
      open++;
      most = Math.max(most, open);
      response.on('close', () => open--);
    }),
  );
  const service = await runService([allowed, '--max-concurrent-scrapes=4']);
  const endpoints = Array.from({ length: 12 }, (_, at) => `${silent.url}/${at}`).join(',');
  await refusal(service.client.call('IsActive', refTo([], { endpoints })));
  await until(
    () => metric(service, 'scrape_starts_skipped_total'),
    (skipped) => (skipped ?? 0) > 0,
  );
  expect(most).toBeGreaterThan(0);
  // Two that may answer at once, and as many that are waited for.
  expect(most).toBeLessThanOrEqual(4);
});
