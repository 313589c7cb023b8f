import { afterEach, beforeEach, expect, it } from 'vitest';
import { Deployment } from '../../src/simulate/deployment.ts';
import { smallReplica } from '../../src/simulate/engine/engine-profiles.ts';
import type { PageFault } from '../../src/simulate/engine/model-server.ts';
import { ManualClock } from '../../src/time/manual-clock.ts';

let clock: ManualClock;
let deployment: Deployment;

beforeEach(async () => {
  clock = new ManualClock();
  const engine = smallReplica;
  const timing = { coldStartMs: 10_000, graceMs: 60_000 };
  const names = { namespace: 'models', name: 'llama', modelName: 'example/model', engineName: 'vllm' } as const;
  deployment = await Deployment.start({ ...names, ...timing, engine }, clock);
});
afterEach(() => deployment.close());

function tickTo(nowMs: number): void {
  clock.advanceTo(nowMs);
  deployment.tick();
}

async function until<Value>(read: () => Value | undefined, what: string): Promise<Value> {
  const limitMs = performance.now() + 5000;
  for (;;) {
    const value = read();
    if (value !== undefined) return value;
    if (performance.now() > limitMs) throw new Error(`did not happen: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const urlOf = async (podName: string): Promise<string> => {
  const port = await until(() => deployment.addresses().find((one) => one.podName === podName)?.port, 'an address');
  return `http://127.0.0.1:${port}`;
};

it('shows a pod with its address first, then as ready', async () => {
  deployment.setReplicas(1);
  const url = await urlOf('llama-1');
  expect(deployment.addresses()).toMatchObject([{ podName: 'llama-1', state: 'starting' }]);
  expect((await fetch(`${url}/health`)).status).toBe(503);
  expect((await fetch(`${url}/metrics`)).status).toBe(503);
  tickTo(10_000);
  expect(deployment.addresses()).toMatchObject([{ podName: 'llama-1', state: 'ready' }]);
  expect((await fetch(`${url}/health`)).status).toBe(200);
  const page = await fetch(`${url}/metrics`);
  expect(page.headers.get('content-type')).toContain('text/plain');
  expect(await page.text()).toContain('vllm:num_requests_running{engine="0",model_name="example/model"} 0.0');
});

it('serves a completion when the engine has finished it', async () => {
  deployment.setReplicas(1);
  const url = await urlOf('llama-1');
  tickTo(10_000);
  const body = JSON.stringify({ prompt: 'a prompt of 31 characters in all', max_tokens: 5 });
  const answer = fetch(`${url}/v1/completions`, { method: 'POST', body });
  await until(() => (deployment.log.submitted === 1 ? true : undefined), 'the request arrives');
  tickTo(11_000);
  const response = await answer;
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ usage: { prompt_tokens: 8, completion_tokens: 5 } });
});

it.each(['', '[]', '{"prompt":"x"}', '{"prompt":3,"max_tokens":1}', '{"prompt":"x","max_tokens":0}'])(
  'refuses the completion %j',
  async (body) => {
    deployment.setReplicas(1);
    const url = await urlOf('llama-1');
    tickTo(10_000);
    expect((await fetch(`${url}/v1/completions`, { method: 'POST', body })).status).toBe(400);
  },
);

it('fails a completion whose pod is killed', async () => {
  deployment.setReplicas(1);
  const url = await urlOf('llama-1');
  tickTo(10_000);
  const answer = fetch(`${url}/v1/completions`, { method: 'POST', body: '{"prompt":"x","max_tokens":500}' });
  await until(() => (deployment.log.submitted === 1 ? true : undefined), 'the request arrives');
  deployment.kill('llama-1');
  const status = await answer.then(
    (response) => response.status,
    () => 'no answer',
  );
  expect([503, 'no answer']).toContain(status);
  expect(deployment.log.lost).toBe(1);
});

it('closes the server of a pod that has ended', async () => {
  deployment.setReplicas(1);
  const url = await urlOf('llama-1');
  tickTo(10_000);
  deployment.setReplicas(0);
  tickTo(10_001);
  expect(deployment.addresses()).toEqual([]);
  await until(() => (deployment.serverOf('llama-1') === undefined ? true : undefined), 'no server');
  const refused = await until(() => {
    const attempt = fetch(`${url}/health`).then(
      () => 'answered',
      () => 'refused',
    );
    return attempt;
  }, 'an attempt');
  expect(refused).toBe('refused');
});

it('says at the gateway what is held or being answered', async () => {
  const queue = async (): Promise<unknown> => (await fetch(deployment.gatewayUrl)).json();
  expect(await queue()).toEqual({ 'models/llama': { Concurrency: 0, RequestCount: 0 } });
  deployment.submit({ promptTokens: 10, outputTokens: 10 });
  deployment.submit({ promptTokens: 10, outputTokens: 10 });
  expect(await queue()).toEqual({ 'models/llama': { Concurrency: 2, RequestCount: 2 } });
  deployment.setReplicas(1);
  tickTo(10_010);
  expect(await queue()).toEqual({ 'models/llama': { Concurrency: 2, RequestCount: 2 } });
  tickTo(20_000);
  expect(await queue()).toEqual({ 'models/llama': { Concurrency: 0, RequestCount: 2 } });
  expect((await fetch(deployment.gatewayUrl.replace('/queue', '/other'))).status).toBe(404);
});

/** What a plain client sees of each way to misbehave. `Record`: a new fault does not compile without a row. */
const faults: Record<PageFault, unknown> = {
  refuse: 'no answer',
  hang: 'timeout',
  reset: 'no answer',
  garbage: 200,
  redirect: 302,
  unauthorized: 401,
  html: 200,
  cut: 'no answer',
};
it.each(Object.entries(faults))('can %s its page, and recovers', async (fault, want) => {
  deployment.setReplicas(1);
  const url = await urlOf('llama-1');
  tickTo(10_000);
  const server = deployment.serverOf('llama-1')!;
  const look = async (): Promise<unknown> => {
    try {
      const response = await fetch(`${url}/metrics`, { redirect: 'manual', signal: AbortSignal.timeout(250) });
      await response.text();
      return response.status;
    } catch (error) {
      return (error as Error).name === 'TimeoutError' ? 'timeout' : 'no answer';
    }
  };
  await server.setFault(fault as PageFault);
  expect(await look()).toBe(want);
  await server.setFault(undefined);
  expect(await look()).toBe(200);
});

it('hears of every request that ends, though pages are read while time runs', async () => {
  let nowMs = 0;
  // Each look at this clock is a little later, as with one that runs.
  const running = { nowMs: () => (nowMs += 0.9), sleep: async () => undefined, random: () => 0.5 };
  const names = { namespace: 'models', name: 'llama', modelName: 'example/model', engineName: 'vllm' } as const;
  const options = { ...names, coldStartMs: 1, graceMs: 60_000, engine: smallReplica };
  const busy = await Deployment.start(options, running);
  try {
    busy.setReplicas(1);
    const port = await until(() => busy.addresses()[0]?.port, 'an address');
    for (let round = 0; round < 60; round += 1) {
      busy.submit({ promptTokens: 5, outputTokens: 2 });
      await fetch(`http://127.0.0.1:${port}/metrics`).then((page) => page.text());
    }
    nowMs += 60_000;
    busy.tick();
    expect([busy.log.served, busy.workload.openRequests]).toEqual([60, 0]);
  } finally {
    await busy.close();
  }
});
