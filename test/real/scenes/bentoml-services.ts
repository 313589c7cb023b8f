import { copyFile, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KedaClient } from '../keda-client.ts';
import { KnownLoad } from '../known-load.ts';
import { Program } from '../program.ts';
import type { Scene, Stage } from '../scene.ts';
import { settlesAt } from '../settles.ts';
import { serversDir } from '../start-server.ts';
import { bentomlVenv } from './bentoml-venv.ts';
import type { Bento } from './start-bento.ts';
import { bentoEnv, quickTrigger, startBento } from './start-bento.ts';

/** Two services of which one calls the other, from source and as a Bento with a name of its own. */
export const bentomlServices: Scene = {
  name: 'bentoml-services',
  isUsual: true,
  play: async (stage) => {
    const python = await stage.python(bentomlVenv);
    await counted(stage, 'from source', async (load) => ({
      bento: await startBento(stage, { what: 'two_services:Entry', python, load, workers: 2 }),
    }));
    await counted(stage, 'in a Bento with a name of its own', async (load) => {
      const home = await mkdtemp(join(stage.scratchDir, 'bentoml-'));
      await build(python, home, load);
      return { bento: await startBento(stage, { what: 'my_bento:latest', python, load, workers: 2, home, cwd: home }) };
    });
  },
};

type Start = (load: KnownLoad) => Promise<{ readonly bento: Bento }>;

async function counted(stage: Stage, how: string, start: Start): Promise<void> {
  const load = await KnownLoad.create(stage.endings);
  const { bento } = await start(load);
  const url = `http://127.0.0.1:${bento.port}/metrics`;
  const keda = stage.keda(quickTrigger(url));
  const hold = async (count: number, client: KedaClient): Promise<string> => {
    await load.hold(count, { port: bento.port, path: '/generate', body: {} });
    return settlesAt(client, count);
  };
  await stage.check(`two services ${how}: idle is exactly 0`, () => settlesAt(keda, 0));
  await stage.check(`two services ${how}: 5 requests, each in both, are 5`, () => hold(5, keda));
  const ofOne = stage.keda({ ...quickTrigger(url), model: 'embedder' });
  await stage.check(`two services ${how}: the model may name one of them`, () => hold(3, ofOne));
  await stage.check(`two services ${how}: all answered is exactly 0`, () => hold(0, keda));
  load.close();
  await bento.program.end();
}

/** Packs the service into BentoML's store below `home`. */
async function build(python: string, home: string, load: KnownLoad): Promise<void> {
  const source = await mkdtemp(join(home, 'source-'));
  for (const file of ['two_services.py', 'gate.py']) await copyFile(join(serversDir, file), join(source, file));
  await writeFile(
    join(source, 'bentofile.yaml'),
    'service: "two_services:Entry"\nname: my_bento\ninclude: ["*.py"]\npython:\n  lock_packages: false\n',
  );
  const program = new Program(python, ['-m', 'bentoml', 'build', '.'], { cwd: source, env: bentoEnv(home, load) });
  const exit = await program.exit;
  if (exit !== 0) throw new Error(`bentoml build ended with ${exit}:\n${program.output}`);
}
