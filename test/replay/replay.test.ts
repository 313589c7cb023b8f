import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sameStart } from '../../src/replay/cold-starts.ts';
import type { Load } from '../../src/replay/demand/load.ts';
import { survey } from '../../src/replay/demand/survey.ts';
import { attainmentOf } from '../../src/replay/oracle/oracle.ts';
import { makePolicy, parsePolicyText } from '../../src/replay/policies/parse-policy.ts';
import type { ReplayOptions, ReplayResult } from '../../src/replay/run-replay.ts';
import { runReplay } from '../../src/replay/run-replay.ts';
import type { EngineProfile } from '../../src/simulate/engine/engine-profiles.ts';
import { profileNamed } from '../../src/simulate/engine/engine-profiles.ts';
import { composedLoad, typicalService } from '../../src/simulate/traffic/composed-load.ts';
import { seededRandom } from '../../src/simulate/traffic/seeded-random.ts';
import type { TraceRequest } from '../../src/simulate/traffic/trace.ts';

const profile = profileNamed('8b-l4') as EngineProfile;
const options: ReplayOptions = {
  profile,
  minReplicas: 0,
  maxReplicas: 40,
  coldStarts: sameStart(60_000),
  graceMs: 600_000,
  timeoutMs: Number.POSITIVE_INFINITY,
  patienceMs: Number.POSITIVE_INFINITY,
  slo: { timeToFirstTokenMs: 2000, timePerOutputTokenMs: 80 },
  seed: 1,
};

function loadOf(requests: readonly TraceRequest[]): Load {
  return { title: 'made for a test', name: 'test', open: () => [requests] };
}

async function replay(text: string, load: Load, changes: Partial<ReplayOptions> = {}): Promise<ReplayResult> {
  const all = { ...options, ...changes };
  const seen = await survey(load, all.profile, all.slo);
  const parsed = parsePolicyText(text);
  const policy = parsed.ok ? makePolicy(parsed.value, seen) : parsed;
  if (!policy.ok) throw new Error(policy.faults.join('; '));
  return runReplay(policy.value, load, seen, all);
}

const service = loadOf([...composedLoad({ ...typicalService, durationMs: 1_800_000 }, 5)].flat());
const arrivals = fc
  .array(
    fc.record({
      gapMs: fc.nat(4000),
      promptTokens: fc.integer({ min: 1, max: 3000 }),
      outputTokens: fc.integer({ min: 1, max: 300 }),
    }),
    { minLength: 5, maxLength: 80 },
  )
  .map((all): TraceRequest[] => {
    let atMs = 0;
    return all.map(({ gapMs, ...tokens }) => {
      atMs += gapMs;
      return { ...tokens, atMs };
    });
  });

describe('a fixed size', () => {
  it('costs its number times the time', async () => {
    const { gpuHours, spanMs } = await replay('static:replicas=3', service);
    expect(gpuHours).toBeCloseTo((3 * spanMs) / 3_600_000, 9);
  });

  it('keeps no less of the objective with more replicas', async () => {
    const shares: number[] = [];
    for (const replicas of [1, 2, 3, 4, 6, 10])
      shares.push(attainmentOf(await replay(`static:replicas=${replicas}`, service)));
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares[0]).toBeLessThan(shares.at(-1)!);
  });

  it('keeps no less of it with ample replicas than with few, whatever comes', async () => {
    const property = fc.asyncProperty(arrivals, async (requests) => {
      const load = loadOf(requests);
      const few = attainmentOf(await replay('static:replicas=1', load));
      expect(attainmentOf(await replay('static:replicas=80', load))).toBeGreaterThanOrEqual(few);
    });
    await fc.assert(property, { numRuns: 40 });
  });
});

it('answers every request once under every kind of policy, or says how it ended', async () => {
  for (const policy of ['ours', 'knative', 'hpa-waiting', 'wva', 'kubeai', 'ray-serve', 'bentocloud', 'aibrix']) {
    const { tally, unfinished } = await replay(policy, service, { timeoutMs: 60_000, patienceMs: 20_000 });
    const ended = tally.served + tally.lost + tally.timedOut + tally.givenUp;
    expect(ended + unfinished, policy).toBe(tally.arrivals);
    expect(tally.attained).toBeLessThanOrEqual(tally.served);
    expect(tally.timePerOutputTokenMs.count).toBeLessThanOrEqual(tally.served);
  }
});

it('is the same for the same seed', async () => {
  const once = await replay('ours', service);
  const again = await replay('ours', service);
  expect(again.tally).toEqual(once.tally);
  expect(again.gpuHours).toBe(once.gpuHours);
});

describe('against closed forms', () => {
  /** Arrivals by chance alone, each of the same length: with a replica for each, every answer takes the same. */
  const random = seededRandom(3);
  const perSecond = 2;
  let atMs = 0;
  const poisson = Array.from({ length: 20_000 }, (): TraceRequest => {
    atMs += (-Math.log(1 - random()) / perSecond) * 1000;
    return { atMs, promptTokens: 500, outputTokens: 20 };
  });

  it('has as many requests in work as an infinite server: rate times the time of one', async () => {
    const load = loadOf(poisson);
    const { tally } = await replay('static:replicas=64', load);
    const alone = await replay('static:replicas=1', loadOf([{ atMs: 0, promptTokens: 500, outputTokens: 20 }]));
    const mean = tally.sojournMs / tally.arrivals;
    // Alone on its replica nearly always: 64 replicas for some two requests at once.
    expect(mean / alone.tally.sojournMs).toBeGreaterThan(0.999);
    expect(mean / alone.tally.sojournMs).toBeLessThan(1.01);
    const looks = tally.timeline.points();
    const open = looks.reduce((sum, look) => sum + look.open, 0) / looks.length;
    expect(open / ((perSecond * mean) / 1000)).toBeGreaterThan(0.9);
    expect(open / ((perSecond * mean) / 1000)).toBeLessThan(1.1);
  });

  it('obeys the law of Little under load: requests in the system are rate times sojourn', async () => {
    const { tally } = await replay('static:replicas=4', service);
    const looks = tally.timeline.points();
    const open = looks.reduce((sum, look) => sum + look.open, 0) / looks.length;
    const spanMs = looks.length * tally.timeline.pointMs;
    expect(open / (tally.sojournMs / spanMs)).toBeGreaterThan(0.95);
    expect(open / (tally.sojournMs / spanMs)).toBeLessThan(1.05);
  });

  it('surveys the offered concurrency as arrivals times the time of one', async () => {
    const seen = await survey(service, profile, options.slo);
    const mean = seen.offered.reduce((sum, requests) => sum + requests, 0) / seen.offered.length;
    const { target, mix, requests, spanMs } = seen;
    const perRequestMs = mix.meanOutputTokens * target.tokenMs;
    expect(mean / ((requests / spanMs) * perRequestMs)).toBeGreaterThan(0.9);
    expect(mean / ((requests / spanMs) * perRequestMs)).toBeLessThan(1.3);
  });
});

it('wakes from zero for a request after an hour of silence, as fast as a start, and rests again', async () => {
  const load = loadOf([
    { atMs: 10_000, promptTokens: 100, outputTokens: 10 },
    { atMs: 4_000_000, promptTokens: 100, outputTokens: 10 },
    { atMs: 9_000_000, promptTokens: 100, outputTokens: 10 },
  ]);
  for (const policy of ['ours', 'knative', 'kubeai', 'ray-serve', 'wva', 'bentocloud']) {
    const { tally, gpuHours, spanMs } = await replay(policy, load);
    expect(tally.served, policy).toBe(3);
    expect(tally.timeToFirstTokenMs.quantile(1)!, policy).toBeLessThan(60_000 + 2000);
    expect(gpuHours, policy).toBeLessThan((0.5 * spanMs) / 3_600_000);
  }
});

it('does not end a service that ran before the trace begins, because its first seconds are still silent', async () => {
  const steady = Array.from({ length: 600 }, (_, second): TraceRequest => {
    return { atMs: 7000 + second * 1000, promptTokens: 500, outputTokens: 50 };
  });
  const { tally } = await replay('ours', loadOf(steady));
  expect([tally.scaleEvents, tally.attained]).toEqual([0, 600]);
});

it('leaves out requests that no cache can hold, and counts them', async () => {
  const load = loadOf([
    { atMs: 0, promptTokens: 100, outputTokens: 10 },
    { atMs: 100, promptTokens: 90_000, outputTokens: 10 },
  ]);
  const seen = await survey(load, profile, options.slo);
  expect([seen.requests, seen.tooLarge]).toEqual([1, 1]);
  const { tally } = await replay('static:replicas=1', load);
  expect([tally.arrivals, tally.served]).toEqual([1, 1]);
});
