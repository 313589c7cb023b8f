import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Endings } from './endings.ts';
import { installVenv, MissingTool } from './install-venv.ts';
import { KedaClient } from './keda-client.ts';
import { repositoryDir, startScaler } from './scaler.ts';
import type { Scene, Stage } from './scene.ts';
import { bentomlKilledWorker } from './scenes/bentoml-killed-worker.ts';
import { bentomlPrefix } from './scenes/bentoml-prefix.ts';
import { bentomlReplica } from './scenes/bentoml-replica.ts';
import { bentomlServices } from './scenes/bentoml-services.ts';
import { dynamoWithMocker } from './scenes/dynamo.ts';
import { litellm } from './scenes/litellm.ts';
import { mlserver } from './scenes/mlserver.ts';
import { rayServe } from './scenes/ray-serve.ts';
import { rustRouters } from './scenes/routers.ts';

/** One scene, an installation on a slow line included. */
const SCENE_WITHIN_MS = 600_000;
const cacheDir = join(repositoryDir, '.cache');

const scenes: readonly Scene[] = [
  bentomlReplica,
  bentomlServices,
  bentomlPrefix,
  bentomlKilledWorker,
  litellm,
  mlserver,
  rayServe,
  rustRouters,
  dynamoWithMocker,
];

const counted = { passed: 0, failed: 0 };
const startedMs = performance.now();

/** Thrown where a check has failed and been told: the rest of its scene has nothing to stand on. */
class SceneOver extends Error {}

async function check(name: string, run: () => Promise<string | undefined>): Promise<void> {
  try {
    const result = await run();
    counted.passed += 1;
    console.log(`ok   ${name}${result === undefined ? '' : `: ${result}`} [${secondsSince()}]`);
  } catch (error) {
    fail(name, error);
    throw new SceneOver();
  }
}

function fail(name: string, error: unknown): void {
  counted.failed += 1;
  console.log(`FAIL ${name} [${secondsSince()}]\n     ${wordsOf(error)}`);
}

async function play(scene: Scene, endings: Endings): Promise<void> {
  console.log(`---- ${scene.name}`);
  try {
    const scratchDir = await mkdtemp(join(tmpdir(), 'keda-llm-scaler-real-'));
    endings.add(() => rm(scratchDir, { recursive: true, force: true, maxRetries: 3 }));
    const scaler = await startScaler(endings);
    const stage: Stage = {
      scaler,
      scratchDir,
      endings,
      check,
      python: (spec) => installVenv(spec, cacheDir, endings),
      keda: (metadata) => {
        const keda = new KedaClient(scaler.grpcAddress, metadata);
        endings.add(() => keda.close());
        return keda;
      },
    };
    await scene.play(stage);
  } catch (error) {
    if (!(error instanceof SceneOver)) fail(`${scene.name} can be played`, error);
  }
}

function chosenScenes(): readonly Scene[] {
  const names = process.argv.slice(2);
  const unknown = names.filter((name) => !scenes.some((scene) => scene.name === name));
  if (unknown.length > 0) {
    throw new Error(`no scene ${unknown.join(', ')}; there are: ${scenes.map(({ name }) => name).join(', ')}`);
  }
  if (names.length > 0) return scenes.filter(({ name }) => names.includes(name));
  return process.env.TEST_REAL === 'all' ? scenes : scenes.filter(({ isUsual }) => isUsual);
}

function secondsSince(): string {
  return `${((performance.now() - startedMs) / 1000).toFixed(1)} s`;
}

function wordsOf(error: unknown): string {
  if (error instanceof MissingTool) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

let endings = new Endings();
const stop = (why: string, exitCode: number): void => {
  console.error(why);
  void endings.run().then(() => process.exit(exitCode));
};
process.once('SIGINT', () => stop('interrupted: ending what was started', 130));
process.once('SIGTERM', () => stop('asked to end: ending what was started', 143));
process.once('uncaughtException', (error) => stop(wordsOf(error), 1));

const chosen = chosenScenes();
for (const scene of chosen) {
  endings = new Endings();
  const tooLong = setTimeout(
    () => stop(`${scene.name}: not done after ${SCENE_WITHIN_MS / 1000} s`, 1),
    SCENE_WITHIN_MS,
  );
  await play(scene, endings);
  await endings.run();
  clearTimeout(tooLong);
}
console.log(`${scenes.length - chosen.length} of ${scenes.length} scenes were not asked for`);
console.log(`${counted.passed} passed, ${counted.failed} failed`);
process.exitCode = counted.failed > 0 ? 1 : 0;
