import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sameStart } from '../../src/replay/cold-starts.ts';
import { traceLoad } from '../../src/replay/demand/loads.ts';
import { survey } from '../../src/replay/demand/survey.ts';
import { fixed } from '../../src/replay/policies/periodic.ts';
import { runReplay } from '../../src/replay/run-replay.ts';
import type { EngineProfile } from '../../src/simulate/engine/engine-profiles.ts';
import { profileNamed } from '../../src/simulate/engine/engine-profiles.ts';
import type { EngineRequest } from '../../src/simulate/engine/sequence.ts';
import { stepMs } from '../../src/simulate/engine/step-timing.ts';
import { readTrace } from '../../src/simulate/traffic/trace.ts';

const folder = process.env.TRACES_DIR ?? '../shared/traces';
const profile = profileNamed('8b-l4') as EngineProfile;
const slo = { timeToFirstTokenMs: 5000, timePerOutputTokenMs: 100 };
const options = {
  profile,
  slo,
  seed: 1,
  minReplicas: 0,
  maxReplicas: 1000,
  coldStarts: sameStart(60_000),
  graceMs: 600_000,
  timeoutMs: Number.POSITIVE_INFINITY,
  patienceMs: Number.POSITIVE_INFINITY,
};

/** What a request takes on a replica of its own, added up step by step from the law alone. */
function aloneMs({ promptTokens, outputTokens }: EngineRequest): number {
  const { timing, maxStepTokens } = profile.shape;
  let spanMs = 0;
  for (let read = 0; read < promptTokens; ) {
    const tokens = Math.min(maxStepTokens, promptTokens - read);
    const attentionPairs = tokens * (read + tokens / 2);
    spanMs += stepMs(timing, { sequences: 1, tokens, decodingTokens: 0, attentionPairs });
    read += tokens;
  }
  const steps = outputTokens - 1;
  const meanTokens = promptTokens + 1 + (steps - 1) / 2;
  const load = { sequences: 1, tokens: 1, decodingTokens: meanTokens, attentionPairs: 0 };
  return spanMs + steps * stepMs(timing, load);
}

describe.each([
  ['azure-2023-conv.csv', 3_600_000],
  ['servegen-mlarge-3d.csv.gz', 1_200_000],
])('%s', (name, durationMs) => {
  const file = join(folder, name);
  const window = { startMs: 0, durationMs };
  const run = async (replicas: number) => {
    const load = traceLoad(file, window);
    const seen = await survey(load, profile, slo);
    const policy = { name: '', rule: '', leastReplicas: 0 as const, initialReplicas: replicas, create: () => fixed };
    const result = await runReplay(policy, load, seen, options);
    const looks = result.tally.timeline.points();
    const open = looks.reduce((sum, look) => sum + look.open, 0) / looks.length;
    return { ...result, open, sojournMs: result.tally.sojournMs / result.tally.arrivals };
  };

  it.skipIf(!existsSync(file))('takes with ample replicas what each request takes alone (M/G/∞)', async () => {
    let total = 0;
    let count = 0;
    for await (const request of readTrace(file, { ...window, speed: 1 })) {
      total += aloneMs(request);
      count += 1;
    }
    const { sojournMs, open, spanMs } = await run(400);
    expect(sojournMs / (total / count)).toBeGreaterThan(0.999);
    expect(sojournMs / (total / count)).toBeLessThan(1.01);
    expect(open / (total / spanMs)).toBeGreaterThan(0.95);
    expect(open / (total / spanMs)).toBeLessThan(1.05);
  });

  it.skipIf(!existsSync(file))('has as many requests in work as come in the time one takes (Little)', async () => {
    const { tally, sojournMs, open, spanMs } = await run(6);
    const expected = (tally.arrivals / spanMs) * sojournMs;
    expect(open / expected).toBeGreaterThan(0.95);
    expect(open / expected).toBeLessThan(1.05);
  });
});
