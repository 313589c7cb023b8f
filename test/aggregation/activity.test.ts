import { expect, it } from 'vitest';
import type { Activity, ActivitySigns } from '../../src/aggregation/activity.ts';
import { noActivity, updateActivity } from '../../src/aggregation/activity.ts';

const policy = { activationTargetValue: 0, lingerMs: 60_000 };
const quiet: ActivitySigns = {
  loadNow: 0,
  unreadInFront: 0,
  heldInFront: false,
  isServing: false,
  requestsMovedMs: undefined,
  gpuBusy: false,
  starting: false,
};
const before: Activity = { active: true, reason: 'load-above-activation', lastActiveMs: 100_000 };

const rows: [string, Activity, Partial<ActivitySigns>, number, boolean, string | undefined][] = [
  ['idle and never active', noActivity, {}, 100_000, false, undefined],
  ['load at this moment', noActivity, { loadNow: 1 }, 100_000, true, 'load-above-activation'],
  [
    'what an unreadable gateway may hold',
    noActivity,
    { loadNow: 10, unreadInFront: 10 },
    100_000,
    true,
    'gateway-unreadable',
  ],
  [
    'load beside an unreadable gateway',
    noActivity,
    { loadNow: 10, unreadInFront: 9 },
    100_000,
    true,
    'load-above-activation',
  ],
  [
    'a replica at work behind an unreadable gateway',
    noActivity,
    { loadNow: 10, unreadInFront: 10, isServing: true },
    100_000,
    true,
    'serving',
  ],
  ['requests in a replica, though the metric is at zero', noActivity, { isServing: true }, 100_000, true, 'serving'],
  ['requests held in front', noActivity, { loadNow: 1, heldInFront: true }, 100_000, true, 'requests-held'],
  ['a request too short to be seen', noActivity, { requestsMovedMs: 90_000 }, 100_000, true, 'request-finished'],
  ['such a request long ago', noActivity, { requestsMovedMs: 30_000 }, 100_000, false, undefined],
  ['idle just now', before, {}, 101_000, true, 'recently-active'],
  ['idle until just before the end of lingering', before, {}, 159_999, true, 'recently-active'],
  ['idle for as long as activity lingers', before, {}, 160_000, false, undefined],
  ['a busy GPU under an idle page', noActivity, { gpuBusy: true }, 100_000, true, 'gpu-busy'],
  ['replicas that are starting', noActivity, { starting: true }, 100_000, true, 'starting'],
  ['nothing known just now', before, { loadNow: undefined }, 101_000, true, 'recently-active'],
];
it.each(rows)('%s', (_name, last, signs, nowMs, active, reason) => {
  expect(updateActivity(last, { ...quiet, ...signs }, policy, nowMs)).toMatchObject({ active, reason });
});

it('is active only above the activation target, and one short request is not enough then', () => {
  const above3 = { ...policy, activationTargetValue: 3 };
  expect(updateActivity(noActivity, { ...quiet, loadNow: 3 }, above3, 1000).active).toBe(false);
  expect(updateActivity(noActivity, { ...quiet, loadNow: 3.5 }, above3, 1000).active).toBe(true);
  expect(updateActivity(noActivity, { ...quiet, requestsMovedMs: 900 }, above3, 1000).active).toBe(false);
});
