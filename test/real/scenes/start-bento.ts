import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import type { KnownLoad } from '../known-load.ts';
import { ask } from '../known-load.ts';
import type { Program } from '../program.ts';
import type { Stage } from '../scene.ts';
import { startServer } from '../start-server.ts';

export interface Bento {
  readonly port: number;
  readonly program: Program;
}

export interface BentoStart {
  /** `module:Service` or the tag of a built Bento. */
  readonly what: string;
  readonly python: string;
  readonly load: KnownLoad;
  /** Where `/readyz` is below. */
  readonly prefix?: string;
  readonly workers: number;
  readonly home?: string;
  readonly cwd?: string;
}

/** The environment of BentoML with nothing left of an earlier one. */
export function bentoEnv(home: string, load: KnownLoad): Readonly<Record<string, string>> {
  return { ...load.env, BENTOML_HOME: home, BENTOML_DO_NOT_TRACK: 'True' };
}

/** Starts a service and waits until so many of its processes serve. */
export async function startBento(stage: Stage, start: BentoStart): Promise<Bento> {
  const { what, python, load, prefix = '', workers, cwd } = start;
  const home = start.home ?? (await mkdtemp(join(stage.scratchDir, 'bentoml-')));
  const port = await freePort();
  const program = await startServer(
    {
      name: 'BentoML',
      command: python,
      args: ['-m', 'bentoml', 'serve', what, '--host', '127.0.0.1', '--port', String(port)],
      env: bentoEnv(home, load),
      ...(cwd !== undefined && { cwd }),
      load,
      isReady: async () => {
        if (load.lifeline.workers.length < workers) return undefined;
        return (await ask({ port, path: `${prefix}/readyz` }).catch(() => 0)) === 200 ? true : undefined;
      },
    },
    stage.endings,
  );
  return { port, program };
}

/** Short spans, so that the checks need not wait for a minute. */
export function quickTrigger(url: string): Readonly<Record<string, string>> {
  return { targetValue: '8', endpoints: url, window: '1s', burstWindow: '1s', staleAfter: '3s', idleAfter: '2s' };
}
