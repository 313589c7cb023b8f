import fc from 'fast-check';
import { expect, it } from 'vitest';
import { EventQueue } from '../../../src/replay/time/event-queue.ts';
import { VirtualClock } from '../../../src/replay/time/virtual-clock.ts';

async function runUntil(clock: VirtualClock, untilMs: number): Promise<void> {
  while (clock.isBusyUntil(untilMs)) await clock.step();
  clock.moveTo(untilMs);
}

it('takes events by their moment, and of one moment in the order they were planned', () => {
  const property = fc.property(fc.array(fc.record({ atMs: fc.nat(20), isCancelled: fc.boolean() })), (events) => {
    const queue = new EventQueue();
    const taken: number[] = [];
    for (const [place, { atMs, isCancelled }] of events.entries()) {
      const cancel = queue.plan(atMs, () => taken.push(place));
      if (isCancelled) cancel();
    }
    for (let next = queue.take(); next !== undefined; next = queue.take()) next.run();
    const kept = [...events.entries()].filter(([, event]) => !event.isCancelled);
    const sorted = kept.sort(([a, first], [b, second]) => first.atMs - second.atMs || a - b);
    expect(taken).toEqual(sorted.map(([place]) => place));
    expect(queue.nextMs).toBe(Number.POSITIVE_INFINITY);
  });
  fc.assert(property);
});

it('lets sleepers go on at their moments, and what they plan then still comes in time', async () => {
  const clock = new VirtualClock(() => 0.5);
  const seen: string[] = [];
  const sleeper = async (name: string, ms: number): Promise<void> => {
    await clock.sleep(ms);
    seen.push(`${name} ${clock.nowMs()}`);
    clock.plan(clock.nowMs() + 1, () => seen.push(`after ${name} ${clock.nowMs()}`));
  };
  const sleeping = [sleeper('late', 30), sleeper('early', 10)];
  clock.plan(20, () => seen.push(`plain ${clock.nowMs()}`));
  await runUntil(clock, 100);
  await Promise.all(sleeping);
  expect(seen).toEqual(['early 10', 'after early 11', 'plain 20', 'late 30', 'after late 31']);
  expect(clock.nowMs()).toBe(100);
});

it('wakes whoever is called off at once', async () => {
  const clock = new VirtualClock(() => 0.5);
  const call = new AbortController();
  const sleeping = clock.sleep(1_000_000, call.signal);
  call.abort();
  await sleeping;
  expect(clock.nowMs()).toBe(0);
  await clock.sleep(5, call.signal);
  expect(clock.isBusyUntil(10)).toBe(true);
  await clock.step();
  expect(clock.isBusyUntil(2_000_000)).toBe(false);
});

it('does not begin what is due only at the end', async () => {
  const clock = new VirtualClock(() => 0.5);
  let ran = 0;
  clock.plan(50, () => {
    ran += 1;
  });
  await runUntil(clock, 50);
  expect(ran).toBe(0);
  await runUntil(clock, 51);
  expect(ran).toBe(1);
});
