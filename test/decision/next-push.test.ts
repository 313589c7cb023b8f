import { expect, it } from 'vitest';
import { ACTIVATION_HEARTBEAT_MS, RUNNING_HEARTBEAT_MS, shouldPush } from '../../src/decision/next-push.ts';

const sent = { active: true, sentMs: 1000 };
it.each([
  ['says nothing while inactive', undefined, false, 0, 1000, false],
  ['speaks at once on a stream opened while active', undefined, true, 0, 1000, true],
  ['speaks on the edge from inactive to active', { active: false, sentMs: 900 }, true, 0, 1000, true],
  ['is silent on the ticks after the edge', sent, true, 0, 1100, false],
  ['repeats itself slowly while nothing runs', sent, true, 0, 1000 + ACTIVATION_HEARTBEAT_MS, true],
  ['is silent that soon while replicas run', sent, true, 2, 1000 + ACTIVATION_HEARTBEAT_MS, false],
  ['repeats itself rarely while replicas run', sent, true, 2, 1000 + RUNNING_HEARTBEAT_MS, true],
  ['never repeats itself once inactive', sent, false, 2, 1_000_000, false],
] as const)('%s', (_name, last, active, replicas, nowMs, want) => {
  expect(shouldPush(last, active, replicas, nowMs)).toBe(want);
});
