import { KnownLoad } from '../known-load.ts';
import type { Scene } from '../scene.ts';
import { settlesAt, stays } from '../settles.ts';
import { until } from '../until.ts';
import { bentomlVenv } from './bentoml-venv.ts';
import { quickTrigger, startBento } from './start-bento.ts';

/** A worker that is killed leaves its requests in the gauge of the others for as long as the server runs. */
export const bentomlKilledWorker: Scene = {
  name: 'bentoml-killed-worker',
  isUsual: true,
  play: async (stage) => {
    const python = await stage.python(bentomlVenv);
    const load = await KnownLoad.create(stage.endings);
    const { port } = await startBento(stage, { what: 'holder:Holder', python, load, workers: 2 });
    const keda = stage.keda(quickTrigger(`http://127.0.0.1:${port}/metrics`));
    await stage.check('6 requests in two workers are exactly 6', async () => {
      await load.hold(6, { port, path: '/hold', body: {} });
      return settlesAt(keda, 6);
    });
    let leftInGauge = 0;
    await stage.check('a killed worker never makes the value fall below what is left, nor an error', async () => {
      const victim = await until('its process to be known', () => load.gate.busiest);
      process.kill(victim, 'SIGKILL');
      await until('the requests of the killed worker to be gone', () => (load.gate.inside < 6 ? true : undefined));
      const left = load.gate.inside;
      leftInGauge = 6 - left;
      return `${await stays(keda, 6, 20)}, as the page says; ${left} are left`;
    });
    const url = `http://127.0.0.1:${port}/metrics`;
    const tired = stage.keda({ ...quickTrigger(url), ignoreSuspectAfter: '1m' });
    await stage.check('what it left counts for ever, and for a minute where the trigger says so', async () => {
      load.gate.release(load.gate.inside);
      const ignored = await settlesAt(tired, 0, 100_000);
      return `${ignored}; without the key ${await settlesAt(keda, leftInGauge)}`;
    });
  },
};
