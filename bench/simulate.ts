import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { composedLoad, typicalService } from '../src/simulate/traffic/composed-load.ts';
import type { BenchRow } from './bench-row.ts';
import { demoForReal, demoInVirtualTime } from './demo-sizes.ts';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const days = 3;
/** The published three days of a large model's pool, or as much of a made-up one. */
const published = join(process.env.TRACES_DIR ?? '../shared/traces', 'servegen-mlarge-3d.csv.gz');
const secondsGoal = 90;
const megabytesGoal = 400;
const perMinuteGoal = 1_000_000;
const demoSpeed = 10;

/** How fast three days are replayed under this scaler, with what memory, and beside the same code in real time. */
export async function benchSimulate(): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-simulate-'));
  try {
    return [...threeDays(folder), ...(await besideTheDemo())];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function threeDays(folder: string): BenchRow[] {
  const trace = existsSync(published) ? published : madeUp(join(folder, 'made-up.csv'));
  // The static fleet costs what reading, engines and routing cost; the difference is the scaler, KEDA and the HPA.
  const [ours, fixed] = ['ours', 'static:replicas=10'].map((policy) => replay(trace, policy));
  const { seconds, megabytes, requests } = ours!;
  const perMinute = (60 * requests) / seconds;
  return [
    {
      figure: `three days, ${requests} requests, under this scaler, in its own process`,
      value: `${seconds.toFixed(1)} s`,
      goal: `≤ ${secondsGoal} s`,
      holds: seconds <= secondsGoal,
      baseline: `10 replicas throughout: ${fixed!.seconds.toFixed(1)} s`,
    },
    {
      figure: 'requests a minute on one core',
      value: `${(perMinute / 1_000_000).toFixed(1)} million`,
      goal: '≥ 1 million',
      holds: perMinute >= perMinuteGoal,
      baseline: `10 replicas throughout: ${((60 * requests) / fixed!.seconds / 1_000_000).toFixed(1)} million`,
    },
    {
      figure: 'memory at its most',
      value: `${megabytes.toFixed(0)} MB`,
      goal: `≤ ${megabytesGoal} MB`,
      holds: megabytes <= megabytesGoal,
      baseline: `10 replicas throughout: ${fixed!.megabytes.toFixed(0)} MB`,
    },
  ];
}

interface Replayed {
  readonly seconds: number;
  readonly megabytes: number;
  readonly requests: number;
}

/** Runs the command alone in a process, without looking for the best possible, and asks the system what it took. */
function replay(trace: string, policy: string): Replayed {
  const flags = ['simulate', '--trace', trace, '--policy', policy, '--oracle', 'off', '--json', '-'];
  const measured = `process.on('exit', () => process.stderr.write(String(process.resourceUsage().maxRSS)));`;
  const startedMs = performance.now();
  const preload = `--import=data:text/javascript,${encodeURIComponent(measured)}`;
  const run = spawnSync(process.execPath, [preload, main, ...flags], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (run.status !== 0) throw new Error(`simulate failed: ${run.stderr}`);
  const seconds = (performance.now() - startedMs) / 1000;
  return { seconds, megabytes: Number(run.stderr.trim()) / 1024, requests: JSON.parse(run.stdout).requests };
}

function madeUp(path: string): string {
  const lines = ['t_s,input_tokens,output_tokens'];
  for (const batch of composedLoad({ ...typicalService, durationMs: days * 86_400_000 }, 1)) {
    for (const { atMs, promptTokens, outputTokens } of batch) {
      lines.push(`${(atMs / 1000).toFixed(3)},${promptTokens},${outputTokens}`);
    }
  }
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

async function besideTheDemo(): Promise<BenchRow[]> {
  const real = await demoForReal(demoSpeed);
  const virtual = await demoInVirtualTime(real.createdMs);
  const perSecond = ({ requests, wallMs }: typeof real): number => (1000 * requests) / wallMs;
  return [
    {
      figure: "the demo's story in virtual time, requests a second",
      value: perSecond(virtual).toFixed(0),
      goal: '–',
      holds: undefined,
      baseline: `for real, ${demoSpeed} times as fast as its story: ${perSecond(real).toFixed(0)}`,
    },
    {
      figure: 'its sizes in virtual time, and when (s)',
      value: shown(virtual.steps),
      goal: '–',
      holds: undefined,
      baseline: `for real: ${shown(real.steps)}`,
    },
  ];
}

function shown(steps: Awaited<ReturnType<typeof demoForReal>>['steps']): string {
  return steps.map(({ atMs, to }) => `${to} at ${Math.round(atMs / 1000)}`).join(', ');
}
