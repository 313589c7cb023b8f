import type { ClientRequest } from 'node:http';
import { request } from 'node:http';
import { join } from 'node:path';
import { freeLowPort, freePort } from '../free-port.ts';
import type { VenvSpec } from '../install-venv.ts';
import type { KedaClient } from '../keda-client.ts';
import { ask } from '../known-load.ts';
import type { Scene, Stage } from '../scene.ts';
import { settlesAt } from '../settles.ts';
import { startServer } from '../start-server.ts';
import { quickTrigger } from './start-bento.ts';
import { writeTinyModel } from './tiny-model.ts';

const dynamo: VenvSpec = {
  name: 'dynamo',
  packages: [
    'aiohttp==3.14.5',
    'certifi==2026.10.19.post1',
    'msgspec==0.22.0',
    'numpy==2.4.6',
    'packaging==26.4',
    'prometheus_client==0.26.0',
    'pydantic==2.13.5',
    'pyyaml==6.0.4',
    'pyzmq==27.3.0',
    'tqdm==4.70.1',
    'typing_extensions==4.16.0',
    'uvloop==0.23.0',
    'zstandard==0.25.0',
  ],
  withoutDependencies: ['ai-dynamo==1.6.1', 'ai-dynamo-runtime==1.6.1'],
};
/** So slow that a request of this many tokens outlives the scene. */
const SPEEDUP = '0.05';
const chat = { model: 'tiny', messages: [{ role: 'user', content: 'w1' }], max_tokens: 2000, stream: true };

/** Dynamo's frontend with a simulated worker: both pages before the first request and under a load that is known. */
export const dynamoWithMocker: Scene = {
  name: 'dynamo',
  isUsual: false,
  play: async (stage) => {
    const python = await stage.python(dynamo);
    const model = join(stage.scratchDir, 'tiny');
    await writeTinyModel(model);
    const [http, page] = [await freePort(), await freeLowPort()];
    await startFrontend(stage, python, http);
    const inFront = stage.keda({ ...quickTrigger(`http://127.0.0.1:${http}/metrics`), engine: 'dynamo-frontend' });
    await stage.check('the frontend, never asked and without a worker, is exactly 0', () => settlesAt(inFront, 0));
    await stage.check('a request that it refuses moves nothing', async () => {
      const status = await ask({ port: http, path: '/v1/chat/completions', body: chat });
      return `refused with ${status}; ${await settlesAt(inFront, 0)}`;
    });
    await startWorker(stage, python, { model, http, page });
    const worker = stage.keda(quickTrigger(`http://127.0.0.1:${page}/metrics`));
    await stage.check('a worker that was never asked is exactly 0', () => settlesAt(worker, 0));
    await underLoad(stage, http, { worker, inFront });
  },
};

async function underLoad(
  stage: Stage,
  port: number,
  { worker, inFront }: { readonly worker: KedaClient; readonly inFront: KedaClient },
): Promise<void> {
  const streams: ClientRequest[] = [];
  const end = (): void => {
    for (const stream of streams.splice(0)) stream.destroy();
  };
  stage.endings.add(end);
  for (let sent = 0; sent < 4; sent++) streams.push(openStream(port));
  await stage.check('4 streams are exactly 4 at the worker', () => settlesAt(worker, 4));
  await stage.check('and exactly 4 at the frontend', () => settlesAt(inFront, 4));
  end();
  await stage.check('when their clients have left, exactly 0 at both', async () => {
    return `${await settlesAt(worker, 0)}; ${await settlesAt(inFront, 0)}`;
  });
}

function openStream(port: number): ClientRequest {
  const headers = { 'content-type': 'application/json' };
  const options = { host: '127.0.0.1', port, path: '/v1/chat/completions', method: 'POST', headers, agent: false };
  const sent = request(options, (response) => response.resume().on('error', () => {}));
  sent.on('error', () => {});
  sent.end(JSON.stringify(chat));
  return sent;
}

const planes = ['--discovery-backend', 'file', '--request-plane', 'tcp', '--event-plane', 'zmq'];
const envOf = (stage: Stage) => ({ DYN_FILE_KV: join(stage.scratchDir, 'kv'), HF_HUB_OFFLINE: '1' });

async function startFrontend(stage: Stage, python: string, http: number): Promise<void> {
  await startServer(
    {
      name: "Dynamo's frontend",
      command: python,
      args: ['-m', 'dynamo.frontend', '--http-host', '127.0.0.1', '--http-port', String(http), ...planes],
      cwd: stage.scratchDir,
      env: envOf(stage),
      readyWithinMs: 90_000,
      isReady: async () => ((await ask({ port: http, path: '/metrics' }).catch(() => 0)) === 200 ? true : undefined),
    },
    stage.endings,
  );
}

async function startWorker(
  stage: Stage,
  python: string,
  { model, http, page }: { readonly model: string; readonly http: number; readonly page: number },
): Promise<void> {
  await startServer(
    {
      name: "Dynamo's mocker",
      command: python,
      args: [
        '-m',
        'dynamo.mocker',
        '--model-path',
        model,
        '--model-name',
        'tiny',
        '--speedup-ratio',
        SPEEDUP,
        ...planes,
      ],
      cwd: stage.scratchDir,
      env: { ...envOf(stage), DYN_SYSTEM_PORT: String(page) },
      readyWithinMs: 90_000,
      isReady: async () => {
        const isUp = (await ask({ port: page, path: '/metrics' }).catch(() => 0)) === 200;
        return isUp && (await modelsAt(http)).includes('tiny') ? true : undefined;
      },
    },
    stage.endings,
  );
}

async function modelsAt(port: number): Promise<readonly string[]> {
  const answer = await fetch(`http://127.0.0.1:${port}/v1/models`);
  const { data = [] } = (await answer.json()) as { readonly data?: readonly { readonly id: string }[] };
  return data.map(({ id }) => id);
}
