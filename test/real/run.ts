import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BentoServer } from './bento-server.ts';
import { Endings } from './endings.ts';
import { installBentoml, MissingTool } from './install-bentoml.ts';
import { KedaClient } from './keda-client.ts';
import { repositoryDir, startScaler } from './scaler.ts';
import type { Cast } from './story.ts';
import { story, triggerMetadata } from './story.ts';

/** The whole run, an installation on a slow line included. */
const END_WITHIN_MS = 420_000;

/** Checks the service against a real model server. Returns the exit code. */
async function main(endings: Endings): Promise<number> {
  const startedMs = performance.now();
  const counted = { passed: 0, failed: 0 };
  const step = async <Result>(name: string, run: () => Promise<Result>): Promise<Result | undefined> => {
    try {
      const result = await run();
      counted.passed += 1;
      console.log(`ok   ${name}${typeof result === 'string' ? `: ${result}` : ''} [${secondsSince(startedMs)}]`);
      return result;
    } catch (error) {
      counted.failed += 1;
      console.log(`FAIL ${name} [${secondsSince(startedMs)}]\n     ${wordsOf(error)}`);
      return undefined;
    }
  };

  const cast = await step('real BentoML and the service are running', () => start(endings));
  if (cast !== undefined) {
    for (const check of story) {
      await step(check.name, () => check.run(cast));
      if (counted.failed > 0) break;
    }
    if (counted.failed > 0) console.log(`\nBentoML:\n${cast.server.output}\n\nservice:\n${cast.scaler.program.output}`);
  }
  await endings.run();
  const skipped = story.length + 1 - counted.passed - counted.failed;
  console.log(`${counted.passed} passed, ${counted.failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  return counted.failed > 0 ? 1 : 0;
}

async function start(endings: Endings): Promise<Cast> {
  const python = await installBentoml(join(repositoryDir, '.cache'), endings);
  const scratchDir = await mkdtemp(join(tmpdir(), 'keda-llm-scaler-real-'));
  endings.add(() => rm(scratchDir, { recursive: true, force: true, maxRetries: 3 }));
  const server = await BentoServer.create(python, scratchDir, endings);
  const [scaler] = await Promise.all([startScaler(endings), server.start()]);
  const keda = new KedaClient(scaler.grpcAddress, triggerMetadata(server.port));
  endings.add(() => keda.close());
  return { server, scaler, keda };
}

function secondsSince(startedMs: number): string {
  return `${((performance.now() - startedMs) / 1000).toFixed(1)} s`;
}

function wordsOf(error: unknown): string {
  if (error instanceof MissingTool) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

const endings = new Endings();
const stop = (why: string, exitCode: number): void => {
  console.error(why);
  void endings.run().then(() => process.exit(exitCode));
};
process.once('SIGINT', () => stop('interrupted: ending what was started', 130));
process.once('SIGTERM', () => stop('asked to end: ending what was started', 143));
process.once('uncaughtException', (error) => stop(wordsOf(error), 1));
const tooLong = setTimeout(() => stop(`not done after ${END_WITHIN_MS / 1000} s: giving up`, 1), END_WITHIN_MS);

process.exitCode = await main(endings);
clearTimeout(tooLong);
