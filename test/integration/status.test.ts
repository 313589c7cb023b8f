import { expect, it, onTestFinished } from 'vitest';
import { calculationOf } from '../../src/status-page/calculation.ts';
import { boundsWords } from '../../src/status-page/words.ts';
import { openStage } from '../browser/stage.ts';

it('explains every number of the whole service by steps that come to it', async () => {
  const stage = await openStage();
  onTestFinished(() => stage.close());
  const all = stage.service.status();
  for (const status of all) {
    const steps = new Map(calculationOf(status).map(({ name, number }) => [name, number]));
    const { now, windows, windowed, gateway, metricValue } = status;
    expect(steps.get('Value')).toBe(metricValue === undefined ? 'unknown' : String(metricValue));
    if (now === undefined || windowed === undefined) {
      expect(status.discoverySynced).toBe(false);
      expect(steps.get('Endpoints')).toBe('unknown');
      continue;
    }
    if (gateway === undefined) expect(steps.get('Endpoints')).toBe(boundsWords(now));
    else expect(Number(steps.get('Endpoints')) + Number(steps.get('In front'))).toBe(now.low);
    expect(windowed.low).toBe(Math.max(windows.stable?.low ?? 0, windows.burst?.low ?? 0));
  }
  expect(all).toHaveLength(7);
  expect(all.filter(({ invalid }) => invalid).map(({ scaledObject }) => scaledObject)).toEqual(['gone']);
  expect(all.filter(({ decision }) => decision === 'hold')).toHaveLength(2);
  expect(all.filter(({ gateway }) => gateway !== undefined)).toHaveLength(1);
});
