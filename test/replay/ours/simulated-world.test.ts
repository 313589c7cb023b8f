import { expect, it } from 'vitest';
import { survey } from '../../../src/replay/demand/survey.ts';
import { SimulatedWorld } from '../../../src/replay/ours/simulated-world.ts';
import { Stage } from '../../../src/replay/stage.ts';
import { Tally } from '../../../src/replay/tally.ts';
import type { EngineProfile } from '../../../src/simulate/engine/engine-profiles.ts';
import { profileNamed } from '../../../src/simulate/engine/engine-profiles.ts';

const slo = { timeToFirstTokenMs: 1000, timePerOutputTokenMs: 100 };
const times = { graceMs: 1000, timeoutMs: Number.POSITIVE_INFINITY, patienceMs: Number.POSITIVE_INFINITY };

it('shows the replicas that there are now, and the same list while nothing changes', async () => {
  const profile = profileNamed('8b-l4') as EngineProfile;
  const load = { title: '', name: '', open: () => [[{ atMs: 0, promptTokens: 1, outputTokens: 1 }]] };
  const seen = await survey(load, profile, slo);
  const options = { profile, minReplicas: 0, maxReplicas: 9, coldStartMs: () => 5000, ...times };
  const stage = new Stage(options, seen, new Tally(slo, seen.spanMs), () => 0.5);
  stage.begin(1);
  const list = new SimulatedWorld(stage, { pollingIntervalMs: 5000, onReading: () => undefined }).openReplicas();
  const phases = () => list.current().endpoints.map(({ name, phase }) => [name, phase]);
  expect(phases()).toEqual([['llama-1', 'ready']]);
  expect(list.current()).toBe(list.current());
  stage.setReplicas(2);
  expect([list.current().replicas, phases()]).toEqual([
    2,
    [
      ['llama-1', 'ready'],
      ['llama-2', 'starting'],
    ],
  ]);
  stage.clock.moveTo(5000);
  expect(phases()).toEqual([
    ['llama-1', 'ready'],
    ['llama-2', 'ready'],
  ]);
  stage.setReplicas(0);
  expect([list.current().replicas, phases()]).toEqual([0, []]);
});
