import { freePort } from '../free-port.ts';
import { KnownLoad } from '../known-load.ts';
import type { Scene } from '../scene.ts';
import { settles, settlesAt } from '../settles.ts';
import { startServer } from '../start-server.ts';
import { quickTrigger } from './start-bento.ts';

/** Ray writes its gauges every ten seconds, each process at its own phase. */
const PATIENCE_MS = 60_000;

/** An application of two deployments: each request is in both. */
export const rayServe: Scene = {
  name: 'ray-serve',
  isUsual: false,
  play: async (stage) => {
    const python = await stage.python({ name: 'ray', packages: ['ray[serve]==2.60.0'] });
    const load = await KnownLoad.create(stage.endings);
    const [http, page] = [await freePort(), await freePort()];
    let isServing = false;
    await startServer(
      {
        name: 'Ray Serve',
        command: python,
        args: ['ray_app.py'],
        env: { ...load.env, RAY_HTTP_PORT: String(http), RAY_PAGE_PORT: String(page), RAY_USAGE_STATS_ENABLED: '0' },
        onLine: (line) => {
          isServing ||= line === 'serving';
        },
        readyWithinMs: 180_000,
        load,
        isReady: () => (isServing ? true : undefined),
      },
      stage.endings,
    );
    const trigger = {
      ...quickTrigger(`http://127.0.0.1:${page}/metrics`),
      engine: 'ray-serve',
      scrapeTimeout: '900ms',
    };
    const keda = stage.keda(trigger);
    const asked = { port: http, path: '/app', body: {} };
    await stage.check('5 requests, each in two deployments, are exactly 5', async () => {
      await load.hold(5, asked);
      return settlesAt(keda, 5, PATIENCE_MS);
    });
    await stage.check('the model may name a deployment', () => settlesAt(stage.keda({ ...trigger, model: 'Down' }), 5));
    await stage.check('all answered is exactly 0', async () => {
      await load.hold(0, asked);
      return settles(keda, 'exactly 0', (answer) => answer.ok && answer.float === 0, PATIENCE_MS);
    });
  },
};
