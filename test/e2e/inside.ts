import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Binaries } from './build.ts';
import { scaleDownStabilizationSeconds } from './cluster/objects.ts';
import { hpaSyncSeconds } from './cluster/plans.ts';
import type { Scenario } from './scenario.ts';
import { scenarios } from './scenarios/all.ts';
import { Stage } from './stage.ts';
import type { World } from './world.ts';
import { startWorld } from './world.ts';

/** Stories that go on at the same time; each has a namespace of its own. */
const atOnce = 8;

interface Tally {
  passed: number;
  failed: number;
  readonly seconds: Map<string, number>;
}

const slowest = 5;

/** The run itself, as the first process of its own namespaces. Arguments are parts of scenarios' names. */
async function main(names: readonly string[]): Promise<number> {
  const chosen = scenarios.filter(({ name }) => names.length === 0 || names.some((part) => name.includes(part)));
  if (chosen.length === 0) {
    console.error(`no scenario is named so; there are: ${scenarios.map(({ name }) => name).join(', ')}`);
    return 2;
  }
  const artifacts = process.env.E2E_ARTIFACTS ?? join(import.meta.dirname, '..', '..', 'artifacts', 'e2e');
  rmSync(artifacts, { recursive: true, force: true });
  mkdirSync(artifacts, { recursive: true });
  const startedMs = performance.now();
  const world = await startWorld(JSON.parse(process.env.E2E_BINARIES ?? '') as Binaries, artifacts);
  const stop = stopOnce(world);
  console.log(`the cluster is up after ${seconds(startedMs)} s; timelines and logs go to ${artifacts}`);
  console.log(
    `HPA sync ${hpaSyncSeconds.hurried} s (${hpaSyncSeconds.real} s in a cluster and where a scenario says so), scale-down stabilisation ${scaleDownStabilizationSeconds} s (300 s)`,
  );
  const tally: Tally = { passed: 0, failed: 0, seconds: new Map() };
  const together = (isReal: boolean) => chosen.filter((one) => !one.alone && (one.hpaPace === 'real') === isReal);
  try {
    await tellTogether(world, together(false), tally);
    if (together(true).length > 0) {
      await world.setHpaPace('real');
      await tellTogether(world, together(true), tally);
      await world.setHpaPace('hurried');
    }
    // Last, for what a thousand pods leave behind is felt for a while.
    for (const scenario of chosen.filter(({ alone }) => alone)) await tell(world, scenario, tally);
  } finally {
    await stop();
  }
  console.log(`slowest: ${slowestOf(tally)}`);
  console.log(`${tally.passed} passed, ${tally.failed} failed in ${seconds(startedMs)} s`);
  return tally.failed === 0 ? 0 : 1;
}

async function tellTogether(world: World, chosen: readonly Scenario[], tally: Tally): Promise<void> {
  const queue = [...chosen];
  const take = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await tell(world, next, tally);
  };
  await Promise.all(Array.from({ length: atOnce }, take));
}

async function tell(world: World, scenario: Scenario, tally: Tally): Promise<void> {
  const startedMs = performance.now();
  const stage = await Stage.open(world, scenario.name, scenario.title);
  try {
    const told = await scenario.run(stage);
    tally.passed += 1;
    console.log(`ok    ${scenario.name} (${seconds(startedMs)} s): ${told}`);
  } catch (error) {
    tally.failed += 1;
    stage.timeline.note('failed');
    console.log(`FAIL  ${scenario.name} (${seconds(startedMs)} s): ${error instanceof Error ? error.message : error}`);
  }
  tally.seconds.set(scenario.name, seconds(startedMs));
  await stage.close().catch((error: unknown) => console.error(`! ${scenario.name}: ${String(error)}`));
}

function slowestOf({ seconds: all }: Tally): string {
  const longestFirst = [...all].sort(([, a], [, b]) => b - a);
  return longestFirst
    .slice(0, slowest)
    .map(([name, spent]) => `${name} ${spent} s`)
    .join(', ');
}

/** The input ends when whoever started the run wants it to end or is gone. */
function stopOnce(world: World): () => Promise<void> {
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= world.stop();
    return stopping;
  };
  process.stdin.once('end', () => {
    if (stopping !== undefined) return;
    console.error('! asked to stop');
    void stop().finally(() => process.exit(130));
  });
  process.stdin.resume();
  return stop;
}

function seconds(sinceMs: number): number {
  return Math.round((performance.now() - sinceMs) / 1000);
}

// The run ends by the end of its input, which a terminal's Ctrl-C brings about as well.
process.on('SIGINT', () => undefined);
try {
  process.exit(await main(process.argv.slice(2).filter((argument) => !argument.startsWith('--'))));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
