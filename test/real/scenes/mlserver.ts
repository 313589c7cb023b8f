import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { ask, KnownLoad } from '../known-load.ts';
import { Program } from '../program.ts';
import type { Scene } from '../scene.ts';
import { settlesAt } from '../settles.ts';
import { serversDir, startServer } from '../start-server.ts';
import { quickTrigger } from './start-bento.ts';

/** MLServer, whose gauge knows REST only. */
export const mlserver: Scene = {
  name: 'mlserver',
  isUsual: false,
  play: async (stage) => {
    const python = await stage.python({ name: 'mlserver', packages: ['mlserver==1.7.1'] });
    const load = await KnownLoad.create(stage.endings);
    const [http, grpc, metrics] = [await freePort(), await freePort(), await freePort()];
    const models = join(stage.scratchDir, 'models');
    await mkdir(models);
    const settings = {
      host: '127.0.0.1',
      http_port: http,
      grpc_port: grpc,
      metrics_port: metrics,
      parallel_workers: 0,
    };
    await writeFile(join(models, 'settings.json'), JSON.stringify(settings));
    const model = { name: 'holder', implementation: 'mlserver_holder.Holder' };
    await writeFile(join(models, 'model-settings.json'), JSON.stringify(model));
    const env = { ...load.env, PYTHONPATH: serversDir };
    await startServer(
      {
        name: 'MLServer',
        command: join(python, '..', 'mlserver'),
        args: ['start', models],
        env,
        readyWithinMs: 90_000,
        load,
        isReady: async () =>
          (await ask({ port: http, path: '/v2/health/ready' }).catch(() => 0)) === 200 ? true : undefined,
      },
      stage.endings,
    );
    const keda = stage.keda(quickTrigger(`http://127.0.0.1:${metrics}/metrics`));
    const infer = {
      port: http,
      path: '/v2/models/holder/infer',
      body: { inputs: [{ name: 'text', datatype: 'BYTES', shape: [1], data: ['x'] }] },
    };
    await stage.check('never asked is exactly 0', () => settlesAt(keda, 0));
    await stage.check('5 requests by REST are exactly 5', async () => {
      await load.hold(5, infer);
      return settlesAt(keda, 5);
    });
    await stage.check('4 more by gRPC are exactly 9', async () => {
      const asking = new Program(python, ['mlserver_ask.py', String(grpc), '4'], { cwd: serversDir, env });
      stage.endings.add(async () => void (await asking.end()));
      await load.untilInside(9);
      return settlesAt(keda, 9);
    });
    await stage.check('all answered is exactly 0', () => {
      load.gate.release(9);
      return settlesAt(keda, 0);
    });
  },
};
