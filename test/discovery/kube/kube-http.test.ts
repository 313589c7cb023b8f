import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent } from 'undici';
import { expect, it, onTestFinished } from 'vitest';
import { kubeOverHttp } from '../../../src/discovery/kube/kube-http.ts';

const never = new AbortController().signal;
const megabyte = 1024 * 1024;
const limits = { atOnce: 4, usualBytes: megabyte, mostBytes: 64 * megabyte };

/** A server that gives the answers it is asked for to the test. */
async function heldAnswers() {
  const answers: ServerResponse[] = [];
  const server = createServer((_request, response) => void answers.push(response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const dispatcher = new Agent();
  const access = async () => ({ server: new URL(`http://127.0.0.1:${port}`), headers: {}, dispatcher });
  const kube = kubeOverHttp({ access, close: () => dispatcher.destroy() }, limits);
  onTestFinished(async () => {
    await kube.close();
    server.closeAllConnections();
    server.close();
  });
  const get = async (path: string) => {
    const before = answers.length;
    const answer = kube.get(path, never);
    answer.catch(() => undefined);
    await expect.poll(() => answers.length).toBe(before + 1);
    return { answer, response: answers[before]! };
  };
  return { get, kube, answers };
}

it('reads one large answer at a time, and usual ones beside it', async () => {
  const { get } = await heldAnswers();
  const first = await get('/first');
  first.response.write(Buffer.alloc(2 * megabyte, ' '));
  await sleep(50);
  const second = await get('/second');
  let isWritten = false;
  second.response.write(Buffer.alloc(32 * megabyte, ' '), () => {
    isWritten = true;
  });
  const usual = await get('/usual');
  usual.response.end('{"usual":true}');
  expect(await usual.answer).toEqual({ status: 200, body: { usual: true } });
  await sleep(200);
  expect(isWritten).toBe(false);
  first.response.end('{"first":true}');
  expect(await first.answer).toMatchObject({ body: { first: true } });
  second.response.end('{"second":true}');
  expect(await second.answer).toMatchObject({ body: { second: true } });
});

it('lets the next large answer in when one is given up', async () => {
  const { get, kube, answers } = await heldAnswers();
  const stop = new AbortController();
  const first = kube.get('/first', stop.signal);
  first.catch(() => undefined);
  await expect.poll(() => answers.length).toBe(1);
  answers[0]!.write(Buffer.alloc(2 * megabyte, ' '));
  await sleep(50);
  const second = await get('/second');
  second.response.end(`${' '.repeat(2 * megabyte)}{"second":true}`);
  stop.abort();
  await expect(first).rejects.toThrow();
  expect(await second.answer).toMatchObject({ body: { second: true } });
});

it('gives up an answer beyond all measure', async () => {
  const { get } = await heldAnswers();
  const { answer, response } = await get('/endless');
  response.on('error', () => undefined);
  response.write(Buffer.alloc(65 * megabyte, ' '));
  await expect(answer).rejects.toMatchObject({ failure: 'too-large' });
});
