import { expect, it } from 'vitest';
import type { Pause } from '../../src/time/repeat.ts';
import { repeat } from '../../src/time/repeat.ts';
import { VirtualClock } from '../fakes/virtual-clock.ts';

/** Turns with these pauses between them, the last one for ever, and when each began. */
function turning(pauses: readonly Pause[], apartMs?: number) {
  const clock = new VirtualClock();
  const beganMs: number[] = [];
  const hurries: boolean[] = [];
  const repeated = repeat({
    clock,
    turn: async (_signal, hurried) => {
      beganMs.push(clock.nowMs());
      hurries.push(hurried);
      return pauses[Math.min(beganMs.length, pauses.length) - 1]!;
    },
    ...(apartMs === undefined ? {} : { apartMs }),
  });
  const pass = async (ms: number): Promise<void> => {
    for (let passedMs = 0; passedMs < ms; passedMs += 100) {
      await clock.settle(1);
      clock.advance(100);
    }
    await clock.settle(1);
  };
  return { repeated, beganMs, hurries, pass };
}

it('takes a turn at once, and the next one after the pause that each asks for', async () => {
  const { beganMs, pass, repeated } = turning([{ pauseMs: 1000 }, { pauseMs: 500 }, { pauseMs: 2000 }]);
  await pass(4000);
  repeated.stop();
  expect(beganMs).toEqual([0, 1000, 1500, 3500]);
});

it('hurries once however often it is told to, and keeps its turns apart', async () => {
  const { beganMs, hurries, pass, repeated } = turning([{ pauseMs: 10_000 }], 1000);
  await pass(200);
  for (let nth = 0; nth < 5; nth += 1) repeated.hurry();
  await pass(2800);
  repeated.hurry();
  await pass(1000);
  repeated.stop();
  expect(beganMs).toEqual([0, 1000, 3000]);
  expect(hurries).toEqual([false, true, true]);
});

it('does not shorten a firm pause', async () => {
  const { beganMs, hurries, pass, repeated } = turning([{ pauseMs: 5000, firm: true }, { pauseMs: 60_000 }]);
  await pass(1000);
  repeated.hurry();
  await pass(6000);
  repeated.stop();
  expect(beganMs).toEqual([0, 5000]);
  expect(hurries).toEqual([false, true]);
});

it('takes no turn after it was stopped', async () => {
  const { beganMs, pass, repeated } = turning([{ pauseMs: 1000 }]);
  await pass(500);
  repeated.stop();
  repeated.hurry();
  await pass(5000);
  expect(beganMs).toEqual([0]);
});
