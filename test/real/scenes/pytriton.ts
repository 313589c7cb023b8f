import { freePort } from '../free-port.ts';
import { ask, KnownLoad } from '../known-load.ts';
import type { Scene } from '../scene.ts';
import { settles, settlesAt } from '../settles.ts';
import { startServer } from '../start-server.ts';
import { quickTrigger } from './start-bento.ts';

const IN_FLIGHT = 6;
/** Little's law over counters that move when requests end: a lower bound, and near it under a steady load. */
const TRUE_WITHIN = 0.35;

/** Triton, which prints no gauge of running requests: what runs follows from the sum of latencies. */
export const pytriton: Scene = {
  name: 'pytriton',
  isUsual: false,
  play: async (stage) => {
    const python = await stage.python({ name: 'pytriton', packages: ['nvidia-pytriton==0.7.0'] });
    const load = await KnownLoad.create(stage.endings);
    const [http, grpc, metrics] = [await freePort(), await freePort(), await freePort()];
    const ports = { TRITON_HTTP_PORT: http, TRITON_GRPC_PORT: grpc, TRITON_METRICS_PORT: metrics };
    await startServer(
      {
        name: 'Triton',
        command: python,
        args: ['triton_model.py'],
        env: { ...load.env, ...Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)])) },
        readyWithinMs: 120_000,
        load,
        isReady: async () =>
          (await ask({ port: http, path: '/v2/models/slow/ready' }).catch(() => 0)) === 200 ? true : undefined,
      },
      stage.endings,
    );
    const keda = stage.keda({
      ...quickTrigger(`http://127.0.0.1:${metrics}/metrics`),
      window: '10s',
      burstWindow: '4s',
    });
    await stage.check('never asked is exactly 0', () => settlesAt(keda, 0));
    await stage.check(`${IN_FLIGHT} requests in flight all the time are near ${IN_FLIGHT}`, async () => {
      let isOver = false;
      const askAll = async (): Promise<void> => {
        while (!isOver) await ask({ port: http, ...infer });
      };
      const asking = Array.from({ length: IN_FLIGHT }, askAll);
      try {
        const isNear = (value: number): boolean => Math.abs(value - IN_FLIGHT) <= TRUE_WITHIN * IN_FLIGHT;
        return await settles(keda, `near ${IN_FLIGHT}`, (answer) => answer.ok && answer.active && isNear(answer.float));
      } finally {
        isOver = true;
        await Promise.allSettled(asking);
      }
    });
    await stage.check('nothing asked is 0 again', () =>
      settles(keda, 'exactly 0', (answer) => answer.ok && answer.float === 0),
    );
  },
};

const infer = {
  path: '/v2/models/slow/infer',
  body: { inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 1], data: [1] }] },
};
