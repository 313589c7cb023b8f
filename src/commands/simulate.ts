import { writeFile } from 'node:fs/promises';
import { asksForHelp } from '../config/settings/flags.ts';
import { renderHelp } from '../config/settings/help.ts';
import type { SimulateFlags } from '../config/settings/simulate-flags.ts';
import { parseSimulateFlags, simulateFields } from '../config/settings/simulate-flags.ts';
import { SimulationError, simulateWith } from '../replay/simulation.ts';

const summary = `Replays requests in virtual time under this scaler, other policies and the best possible one, and says
what each keeps and costs. Nothing is scaled and nothing is asked for: it needs no cluster.
Exit code 0: done, and what --require asks for is kept; 1: it is not, or the load can't be replayed; 2: wrong usage.`;

/** Where tables and faults go, and how progress is shown; `undefined` shows none. */
export interface SimulateOutput extends Pick<Console, 'log' | 'error'> {
  progress: ((line: string) => void) | undefined;
}

/** Replays a load under policies and compares them. Returns the process's exit code. */
export async function simulate(argv: readonly string[], output: SimulateOutput = terminal()): Promise<number> {
  if (asksForHelp(argv)) {
    const usage = 'keda-llm-scaler simulate';
    output.log(renderHelp({ usage, summary, fields: simulateFields, readsEnvironment: false }));
    return 0;
  }
  const flags = parseSimulateFlags(argv);
  if (!flags.ok) return refused(flags.faults, output);
  try {
    return await run(flags.value, output);
  } catch (error) {
    if (!(error instanceof SimulationError)) throw error;
    output.progress?.('');
    for (const fault of error.faults) output.error(fault);
    return error.isUsage ? 2 : 1;
  }
}

async function run(flags: SimulateFlags, output: SimulateOutput): Promise<number> {
  const progress = flags.quiet ? undefined : output.progress;
  const { files, lines, isKept } = await simulateWith(flags, (what, share) => progress?.(bar(what, share)));
  progress?.('');
  for (const { path, text } of files) await writeOrSay(path, text);
  for (const line of lines) output.log(line);
  return isKept ? 0 : 1;
}

async function writeOrSay(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    throw new SimulationError([`could not write ${path}: ${error instanceof Error ? error.message : String(error)}`]);
  }
}

function refused(faults: readonly string[], output: SimulateOutput): number {
  for (const fault of faults) output.error(fault);
  return 2;
}

const barWidth = 24;

function bar(what: string, share: number): string {
  const done = Math.round(share * barWidth);
  return `[${'#'.repeat(done)}${'.'.repeat(barWidth - done)}] ${String(Math.floor(share * 100)).padStart(3)} %  ${what}`;
}

/** Progress on standard error, one line written over itself, and only where somebody watches. */
function terminal(): SimulateOutput {
  const isWatched = process.stderr.isTTY === true;
  const write = (line: string): void =>
    void process.stderr.write(`\r\u001b[2K${line.slice(0, process.stderr.columns ?? 80)}`);
  return { log: console.log, error: console.error, progress: isWatched ? write : undefined };
}
