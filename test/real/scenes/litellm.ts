import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { ask } from '../known-load.ts';
import type { Scene } from '../scene.ts';
import { settlesAt, stays } from '../settles.ts';
import { startServer } from '../start-server.ts';
import { until } from '../until.ts';
import { OpenAiServer } from './openai-server.ts';
import { quickTrigger } from './start-bento.ts';

/** LiteLLM does not start with a key that anybody could guess. */
const key = `sk-${randomBytes(24).toString('hex')}`;

/** The LiteLLM proxy in front of an engine. Its gauge contains whoever reads it. */
export const litellm: Scene = {
  name: 'litellm',
  isUsual: true,
  play: async (stage) => {
    const python = await stage.python({
      name: 'litellm',
      packages: ['litellm[proxy]==1.106.12', 'prometheus_client==0.26.0'],
    });
    const engine = await OpenAiServer.listen(stage.endings);
    const port = await freePort();
    const config = join(stage.scratchDir, 'litellm.yaml');
    await writeFile(config, configOf(engine.port));
    await startServer(
      {
        name: 'LiteLLM',
        command: join(python, '..', 'litellm'),
        args: ['--config', config, '--host', '127.0.0.1', '--port', String(port)],
        cwd: stage.scratchDir,
        env: { LITELLM_LOCAL_MODEL_COST_MAP: 'True', DO_NOT_TRACK: '1' },
        readyWithinMs: 120_000,
        isReady: async () =>
          (await ask({ port, path: '/health/liveliness' }).catch(() => 0)) === 200 ? true : undefined,
      },
      stage.endings,
    );
    const chat = {
      port,
      path: '/v1/chat/completions',
      body: { model: 'tiny', messages: [{ role: 'user', content: 'x' }] },
      headers: { authorization: `Bearer ${key}` },
    };
    const keda = stage.keda({
      ...quickTrigger(`http://127.0.0.1:${engine.port}/metrics`),
      gatewayEndpoints: `http://127.0.0.1:${port}/metrics/`,
      gatewayEngine: 'litellm',
    });
    await stage.check('idle in front of an idle engine is exactly 0 and inactive', () => settlesAt(keda, 0));
    await stage.check('a second reader wakes nothing', async () => {
      const reading = (async () => {
        for (let round = 0; round < 15; round++) await ask({ port, path: '/metrics/' });
      })();
      const [seen] = await Promise.all([stays(keda, 0, 20), reading]);
      return seen;
    });
    await stage.check('4 requests in flight are 4, though the engine says 0', async () => {
      for (let sent = 0; sent < 4; sent++) ask(chat).catch(() => {});
      await until('4 requests at the engine', () => (engine.inside === 4 ? true : undefined), {
        latest: () => `${engine.inside} there`,
      });
      return settlesAt(keda, 4);
    });
    await stage.check('all answered is exactly 0 again', () => {
      engine.release();
      return settlesAt(keda, 0);
    });
  },
};

function configOf(port: number): string {
  return `model_list:
  - model_name: tiny
    litellm_params:
      model: openai/tiny
      api_base: http://127.0.0.1:${port}/v1
      api_key: none
litellm_settings:
  callbacks: ["prometheus"]
  require_auth_for_metrics_endpoint: false
  num_retries: 0
general_settings:
  master_key: ${key}
`;
}
