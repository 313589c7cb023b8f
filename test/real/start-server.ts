import { join } from 'node:path';
import type { Endings } from './endings.ts';
import type { KnownLoad } from './known-load.ts';
import { Program } from './program.ts';
import { until } from './until.ts';

/** No server outlives this, whatever becomes of the test. */
const LONGEST_LIFE_SECONDS = 900;

export const serversDir = join(import.meta.dirname, 'servers');

export interface ServerStart {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What it holds: a server with requests in it may not end by itself, nor its workers with it. */
  readonly load?: KnownLoad;
  readonly onLine?: (line: string) => void;
  /** Undefined while it can't be asked yet. */
  readonly isReady: () => Promise<true | undefined> | true | undefined;
  readonly readyWithinMs?: number;
}

/** Starts a server and waits until it serves. It ends with the scene. */
export async function startServer(start: ServerStart, endings: Endings): Promise<Program> {
  const { name, command, args, cwd = serversDir, env = {}, load, onLine, isReady, readyWithinMs } = start;
  const program = new Program('timeout', ['-k', '5', String(LONGEST_LIFE_SECONDS), command, ...args], {
    cwd,
    env,
    ...(onLine && { onLine }),
  });
  endings.add(async () => void (await program.end()));
  endings.add(() => load?.close());
  const look = async (): Promise<true | undefined> => {
    if (program.hasEnded) throw new Error(`${name} ended (${await program.exit}):\n${program.output}`);
    return isReady();
  };
  try {
    await until(`${name} to be ready`, look, { everyMs: 250, ...(readyWithinMs && { patienceMs: readyWithinMs }) });
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${program.output}`);
  }
  return program;
}
