import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { ask } from '../known-load.ts';
import type { Scene, Stage } from '../scene.ts';
import { settles, settlesAt } from '../settles.ts';
import { startServer } from '../start-server.ts';
import { until } from '../until.ts';
import { OpenAiServer } from './openai-server.ts';
import { quickTrigger } from './start-bento.ts';

interface Router {
  readonly preset: string;
  readonly packages: readonly string[];
  readonly command: string;
  readonly args: readonly string[];
}

const routers: readonly Router[] = [
  { preset: 'vllm-router', packages: ['vllm-router==0.1.17'], command: 'vllm-router', args: [] },
  { preset: 'sglang-router', packages: ['sglang-router==0.3.2'], command: 'sglang-router', args: ['launch'] },
  { preset: 'smg', packages: ['smg==1.13.0'], command: 'smg', args: ['launch'] },
];

const chat = { path: '/v1/chat/completions', body: { model: 'tiny', messages: [{ role: 'user', content: 'x' }] } };

/** The three routers in Rust: without a worker, where refused requests wake, and in front of one. */
export const rustRouters: Scene = {
  name: 'routers',
  isUsual: false,
  play: async (stage) => {
    for (const router of routers) await playRouter(stage, router);
  },
};

async function playRouter(stage: Stage, router: Router): Promise<void> {
  const { preset } = router;
  const engine = await OpenAiServer.listen(stage.endings);
  const alone = await startRouter(stage, router, []);
  const asleep = stage.keda(trigger(engine.port, alone.metricsPort, preset));
  // SGLang's router prints an empty page before its first request, which says nothing of itself.
  if (preset !== 'sglang-router') await stage.check(`${preset}: never asked is exactly 0`, () => settlesAt(asleep, 0));
  else await asleep.ask();
  await stage.check(`${preset}: a request that it refuses wakes`, async () => {
    await ask({ port: alone.port, ...chat });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const status = await ask({ port: alone.port, ...chat });
    await until('to be active', async () => ((await asleep.isActive()) === true ? true : undefined));
    return `refused with ${status}`;
  });
  const { port, metricsPort } = await startRouter(stage, router, [`http://127.0.0.1:${engine.port}`]);
  const keda = stage.keda(trigger(engine.port, metricsPort, preset));
  await stage.check(`${preset}: 5 requests in flight are 5, though the engine says 0`, async () => {
    for (let sent = 0; sent < 5; sent++) ask({ port, ...chat }).catch(() => {});
    await until('5 requests at the engine', () => (engine.inside === 5 ? true : undefined), {
      latest: () => `${engine.inside} there`,
    });
    return settlesAt(keda, 5);
  });
  await stage.check(`${preset}: all answered is 0 again`, () => {
    engine.release();
    return settles(keda, 'exactly 0', (answer) => answer.ok && answer.float === 0 && !answer.active);
  });
}

function trigger(enginePort: number, metricsPort: number, gatewayEngine: string): Readonly<Record<string, string>> {
  return {
    ...quickTrigger(`http://127.0.0.1:${enginePort}/metrics`),
    gatewayEndpoints: `http://127.0.0.1:${metricsPort}/metrics`,
    gatewayEngine,
  };
}

async function startRouter(stage: Stage, router: Router, workers: readonly string[]) {
  const python = await stage.python({ name: router.preset, packages: router.packages });
  const port = await freePort();
  const metricsPort = await freePort();
  const own = ['--host', '127.0.0.1', '--port', String(port), '--prometheus-host', '127.0.0.1'];
  const urls = workers.length === 0 ? [] : ['--worker-urls', ...workers, '--policy', 'cache_aware'];
  await startServer(
    {
      name: router.preset,
      command: join(python, '..', router.command),
      args: [...router.args, ...own, '--prometheus-port', String(metricsPort), ...urls],
      cwd: stage.scratchDir,
      isReady: async () => {
        const isUp = (await ask({ port: metricsPort, path: '/metrics' }).catch(() => 0)) === 200;
        if (!isUp || workers.length === 0) return isUp ? true : undefined;
        return (await ask({ port, path: '/readiness' }).catch(() => 0)) === 200 ? true : undefined;
      },
    },
    stage.endings,
  );
  return { port, metricsPort };
}
