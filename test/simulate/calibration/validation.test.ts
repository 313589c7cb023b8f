import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { compareRun, spans } from '../../../src/simulate/calibration/compare-run.ts';
import { readRunLog } from '../../../src/simulate/calibration/run-log.ts';
import type { EngineProfile } from '../../../src/simulate/engine/engine-profiles.ts';
import { engineProfiles, profileNamed } from '../../../src/simulate/engine/engine-profiles.ts';

const folder = process.env.TRACES_DIR ?? '../shared/traces';
const log = join(folder, 'perf/vllm019-llama31-8b-RTX4090-requests.jsonl');

it.skipIf(!existsSync(log))('comes within 3 % of a real vLLM in the mean and within 5 % in the p99', async () => {
  const { shape } = profileNamed('8b-rtx4090') as EngineProfile;
  const requests = await readRunLog(log);
  expect(requests).toHaveLength(300);
  const comparison = compareRun(shape, requests);
  for (const span of spans) {
    expect(Math.abs(comparison[span].mean), span).toBeLessThan(0.03);
    expect(Math.abs(comparison[span].p99), span).toBeLessThan(0.05);
  }
});

it('has profiles that can serve, each with a name of its own and a source', () => {
  expect(engineProfiles.length).toBeGreaterThan(8);
  expect(new Set(engineProfiles.map(({ name }) => name)).size).toBe(engineProfiles.length);
  for (const { shape, basis, gpus } of engineProfiles) {
    expect(basis.length).toBeGreaterThan(10);
    expect(gpus).toBeGreaterThan(0);
    expect(shape.maxStepTokens).toBeGreaterThanOrEqual(shape.maxRunning);
    expect(Object.values(shape.timing).every((coefficient) => coefficient > 0)).toBe(true);
  }
});

it('names the nearest profile for one there is not', () => {
  expect(profileNamed('8b-h10')).toBe('did you mean "8b-h100"?');
  expect(profileNamed('mainframe')).toContain('8b-rtx4090');
});
