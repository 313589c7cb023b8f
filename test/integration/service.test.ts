import { expect, it } from 'vitest';
import { page, servePage, vllmPage } from '../fakes/page-host.ts';
import { ask, askUntil, closeLater, refTo, runService, until } from '../fakes/running-service.ts';

const serve = async (running: number, waiting = 0, requestsTotal = 0) =>
  closeLater(await servePage(page(vllmPage(running, waiting, requestsTotal))));

it('tells KEDA the requests of all replicas, running and waiting, at the first question', async () => {
  const replicas = [await serve(7, 2), await serve(4)];
  const { client } = await runService();
  expect(await askUntil(client, refTo(replicas), 13)).toEqual({ value: 13, wholeValue: 13, active: true });
});

it('gives both number fields, the whole one rounded up', async () => {
  const replica = await serve(3);
  const { client } = await runService();
  const ref = refTo([replica], { metric: 'kvCache', targetValue: '0.8' });
  expect(await askUntil(client, ref, 0.25)).toEqual({ value: 0.25, wholeValue: 1, active: true });
});

it('follows the load within a scrape interval, and is exactly zero and inactive when idle', async () => {
  const replica = await serve(8);
  const { client } = await runService();
  const ref = refTo([replica]);
  await askUntil(client, ref, 8);
  replica.answer(page(vllmPage(0, 0)));
  const idle = await until(
    () => ask(client, ref),
    ({ active, value }) => !active && value === 0,
  );
  expect(idle).toEqual({ value: 0, wholeValue: 0, active: false });
  replica.answer(page(vllmPage(5, 0)));
  await until(
    () => ask(client, ref),
    ({ active, value }) => active && value === 5,
  );
});

it('scrapes an endpoint once for all triggers that read it', async () => {
  const replica = await serve(4);
  const { client } = await runService();
  const refs = ['a', 'b', 'c', 'd'].map((name) => refTo([replica], { window: '2s' }, name));
  await Promise.all(refs.map((ref) => ask(client, ref)));
  const before = replica.asked();
  const started = performance.now();
  await until(
    () => replica.asked() - before,
    (scrapes) => scrapes >= 4,
  );
  expect(performance.now() - started).toBeGreaterThan(1000);
});

it('tells triggers of one endpoint apart by model', async () => {
  const both = vllmPage(3, 0, 0, 'one') + vllmPage(4, 1, 0, 'two').replaceAll(/^#.*\n/gm, '');
  const replica = closeLater(await servePage(page(both)));
  const { client } = await runService();
  await askUntil(client, refTo([replica], { model: 'one' }), 3);
  await askUntil(client, refTo([replica], { model: 'two' }), 5);
  await askUntil(client, refTo([replica]), 8);
});

it('pushes when the workload becomes active, once', async () => {
  const replica = await serve(0);
  const { client } = await runService();
  const ref = refTo([replica]);
  await ask(client, ref);
  const pushes: boolean[] = [];
  const ending = new AbortController();
  const stream = client.stream('StreamIsActive', ref, async ({ result }) => void pushes.push(result), ending.signal);
  await until(
    () => ask(client, ref),
    ({ active }) => !active,
  );
  expect(pushes).toEqual([]);
  replica.answer(page(vllmPage(1, 0)));
  await until(
    () => pushes.length,
    (count) => count > 0,
  );
  await until(
    () => ask(client, ref),
    ({ value }) => value === 1,
  );
  expect(pushes).toEqual([true]);
  ending.abort();
  await stream;
});

it('explains every number on its status page', async () => {
  const replicas = [await serve(7, 2), await serve(4)];
  const { client, adminAddress } = await runService();
  await askUntil(client, refTo(replicas), 13);
  const answer = await fetch(`http://${adminAddress}/status/models/llama`);
  const text = await answer.text();
  expect(text).toContain(
    'concurrency 13 / target 10 = 2 wanted, 2 now; 2 endpoints read; active: load-above-activation',
  );
  expect(text).toContain(replicas[0]!.url);
  const metrics = await (await fetch(`http://${adminAddress}/metrics`)).text();
  expect(metrics).toMatch(/keda_llm_scaler_metric_value\{[^}]*scaled_object="llama"[^}]*\} 13/);
});
