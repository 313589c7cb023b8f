import { ask, KnownLoad } from '../known-load.ts';
import type { Scene } from '../scene.ts';
import { settlesAt, stays } from '../settles.ts';
import { bentomlVenv } from './bentoml-venv.ts';
import { quickTrigger, startBento } from './start-bento.ts';

/** A service below a path: its page moves there, and counts whoever reads it. */
export const bentomlPrefix: Scene = {
  name: 'bentoml-prefix',
  isUsual: true,
  play: async (stage) => {
    const python = await stage.python(bentomlVenv);
    const load = await KnownLoad.create(stage.endings);
    const { port } = await startBento(stage, { what: 'prefixed:Prefixed', python, load, prefix: '/v1', workers: 1 });
    const keda = stage.keda(quickTrigger(`http://127.0.0.1:${port}/v1/metrics`));
    await stage.check('below a path, idle is exactly 0 and inactive', () => settlesAt(keda, 0));
    await stage.check('neither its own readers nor probes are load', async () => {
      const readers = (async () => {
        for (let round = 0; round < 40; round++) {
          await Promise.all(['/v1/metrics', '/v1/livez', '/v1/readyz'].map((path) => ask({ port, path })));
        }
      })();
      const [seen] = await Promise.all([stays(keda, 0, 20), readers]);
      if ((await keda.isActive()) !== false)
        throw new Error('expected inactive, found active: readers and probes count');
      return seen;
    });
    await stage.check('3 requests are exactly 3', async () => {
      await load.hold(3, { port, path: '/v1/hold', body: {} });
      return settlesAt(keda, 3);
    });
  },
};
