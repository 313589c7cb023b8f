import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { status } from '@grpc/grpc-js';
import { expect, it } from 'vitest';
import { page, servePage, vllmPage } from '../fakes/page-host.ts';
import { ask, askUntil, closeLater, connect, refTo, refusal, runService, until } from '../fakes/running-service.ts';

const serve = async (running: number, waiting = 0, requestsTotal = 0) =>
  closeLater(await servePage(page(vllmPage(running, waiting, requestsTotal))));

it('never says zero when the replicas die under load: it keeps what it knows, then holds', async () => {
  const replica = await servePage(page(vllmPage(10, 0)));
  const { client } = await runService();
  const ref = refTo([replica]);
  await askUntil(client, ref, 10);
  await replica.close();
  const said: number[] = [];
  const held = await until(
    async () => {
      const answer = await refusal(ask(client, ref).then(({ value }) => said.push(value)));
      return answer;
    },
    ({ code }) => code !== 0,
  );
  expect(held.code).toBe(status.UNAVAILABLE);
  expect(held.details).toMatch(/^holding, the only endpoint could not be read: .*connection refused/);
  expect(Math.min(...said)).toBe(10);
});

it('asks for no change while one of two replicas cannot be read', async () => {
  const replicas = [await serve(10), await serve(10)];
  const { client, status: statusNow } = await runService();
  const ref = refTo(replicas, { staleAfter: '2s' });
  await askUntil(client, ref, 20);
  replicas[1]!.answer((response) => void response.socket?.resetAndDestroy());
  const seen = new Set<string>();
  await until(
    async () => {
      expect((await ask(client, ref)).value).toBe(20);
      for (const { state } of statusNow()[0]!.endpoints) seen.add(state);
      return seen;
    },
    () => seen.has('unreadable'),
  );
  expect([...seen]).toEqual(['read', 'stale', 'unreadable']);
});

it('ends its streams with OK and answers nobody after it was closed', async () => {
  const replica = await serve(1);
  const service = await runService();
  const ref = refTo([replica]);
  await ask(service.client, ref);
  let opened = false;
  const take = async (): Promise<void> => {
    opened = true;
  };
  const stream = service.client.stream('StreamIsActive', ref, take, new AbortController().signal);
  await until(
    () => opened,
    (seen) => seen,
  );
  await service.close();
  expect(await stream).toEqual({ code: status.OK, details: '' });
});

it('goes on without a dip when one of two replicas of the service ends', async () => {
  const replicas = [await serve(9), await serve(6)];
  const [first, second] = [await runService(), await runService()];
  const client = connect(first.grpcAddress, second.grpcAddress);
  const ref = refTo(replicas);
  await askUntil(first.client, ref, 15);
  await askUntil(second.client, ref, 15);
  const said = new Set<number>();
  for (let call = 0; call < 6; call++) said.add((await ask(client, ref)).value);
  await first.close();
  await until(
    async () => await refusal(ask(client, ref).then(({ value }) => said.add(value))),
    ({ code }) => code === 0,
  );
  for (let call = 0; call < 6; call++) {
    const answer = await refusal(ask(client, ref).then(({ value }) => said.add(value)));
    expect([0, status.UNAVAILABLE]).toContain(answer.code);
  }
  expect([...said]).toEqual([15]);
  expect(second.status()).toHaveLength(1);
});

it('leaves nothing running when it cannot start', async () => {
  const first = await runService();
  const taken = first.grpcAddress.replace('127.0.0.1:', '--grpc-address=127.0.0.1:');
  const child = spawn(process.execPath, [
    'src/main.ts',
    'serve',
    '--kubernetes=off',
    '--admin-address=127.0.0.1:0',
    '--log-format=console',
    taken,
  ]);
  let [said, besides] = ['', ''];
  child.stdout.on('data', (text) => {
    said += String(text);
  });
  child.stderr.on('data', (text) => {
    besides += String(text);
  });
  const [code] = await once(child, 'close');
  expect(code).toBe(1);
  expect(said).toMatch(/^.*could not start.*could not listen on 127\.0\.0\.1:\d+: .*EADDRINUSE.*\n$/);
  expect(besides).toBe('');
});
