import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { HpaMetric } from '../../../src/keda/hpa.ts';
import { Hpa } from '../../../src/keda/hpa.ts';
import { buildTool } from '../build.ts';
import type { Fleet, Story, StoryMoment } from './stories.ts';
import { fleetLine, fleets } from './stories.ts';

/** What Kubernetes' controller left behind at one sync, and the moment at which it looked. */
interface ControllerOutcome {
  readonly atMs: number;
  readonly found: number;
  readonly replicas: number;
}

const extent = { count: 24, stories: 60, syncs: 40 };
/** Differences that are told in full. */
const mostTold = 3;

/** Lets Kubernetes' own controller play the fleets, in its own time. */
async function playedByKubernetes(told: readonly Fleet[]): Promise<ControllerOutcome[][][]> {
  const binary = await buildTool('hpa-controller.test');
  const folder = mkdtempSync(join(tmpdir(), 'hpa-stories-'));
  const stories = join(folder, 'stories.jsonl');
  const outcomes = join(folder, 'outcomes.jsonl');
  try {
    writeFileSync(stories, told.map((fleet) => `${fleetLine(fleet)}\n`).join(''));
    const env = { ...process.env, HPA_STORIES: stories, HPA_OUTCOMES: outcomes };
    await promisify(execFile)(binary, ['-test.timeout=10m'], { env, maxBuffer: 2 ** 26 });
    const lines = readFileSync(outcomes, 'utf8').trim().split('\n');
    return lines.map((line) => JSON.parse(line) as ControllerOutcome[][]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function metricsOf({ metrics }: Story, { totalsMilli }: StoryMoment): HpaMetric[] {
  return metrics.map(({ kind, targetMilli }, index) => {
    const milli = totalsMilli[index] ?? undefined;
    return { kind, target: targetMilli / 1000, total: milli === undefined ? undefined : milli / 1000 };
  });
}

/** Plays one story with the model, at the moments at which Kubernetes looked; says where the two differ first. */
function difference(story: Story, fleet: Fleet, controller: readonly ControllerOutcome[]): string | undefined {
  const { minReplicas, maxReplicas, behavior } = story;
  const hpa = new Hpa({ ...fleet, minReplicas, maxReplicas, behavior });
  let specReplicas = 0;
  for (const [index, now] of story.syncs.entries()) {
    const { atMs: nowMs, found, replicas } = controller[index]!;
    specReplicas = now.specReplicas ?? specReplicas;
    const statusReplicas = Math.max(0, specReplicas + now.surge);
    const readyReplicas = now.pods === 0 ? undefined : Math.min(now.ready, now.pods);
    const sizes = { specReplicas, statusReplicas, readyReplicas };
    const outcome = hpa.sync({ nowMs, ...sizes, metrics: metricsOf(story, now) });
    if (found !== specReplicas || replicas !== outcome.replicas) {
      const made = `from ${found} Kubernetes made ${replicas}; from ${specReplicas} the model made ${JSON.stringify(outcome)}`;
      return `sync ${index}: ${made}; it saw ${JSON.stringify({ ...sizes, ...now })}; story ${JSON.stringify({ ...story, syncs: [] })}`;
    }
    specReplicas = outcome.replicas;
  }
  return undefined;
}

async function main(): Promise<number> {
  const seed = Number(process.argv[2] ?? Math.trunc(Math.random() * 2 ** 31));
  const told = fleets(seed, extent);
  const startedMs = performance.now();
  const played = await playedByKubernetes(told);
  const differences = told.flatMap((fleet, number) =>
    fleet.stories.flatMap((story, index) => difference(story, fleet, played[number]![index]!) ?? []),
  );
  const changes = played.flat(2).filter(({ found, replicas }) => found !== replicas).length;
  const states = played.flat(2).length;
  for (const one of differences.slice(0, mostTold)) console.error(one);
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  console.log(
    `seed ${seed}: ${states} states, ${changes} of them a change of size, ${differences.length} stories differ, ${seconds} s`,
  );
  return differences.length === 0 && changes > states / 10 ? 0 : 1;
}

process.exitCode = await main();
