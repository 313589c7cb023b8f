import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Admission, Held, HoldLimits } from '../../src/hold-queue/hold-queue.ts';
import { HoldQueue } from '../../src/hold-queue/hold-queue.ts';

const roomy: HoldLimits = { maxHeldPerLane: 100, maxHeld: 1000, maxBytesPerLane: 10_000, maxBytes: 100_000 };

interface Given {
  readonly lane?: string;
  readonly priority?: number;
  readonly bytes?: number;
  readonly nowMs?: number;
  readonly holdTimeoutMs?: number;
}

function admit(queue: HoldQueue<string>, item: string, given: Given = {}): Admission<string> {
  return queue.admit({ item, lane: 'a', priority: 0, bytes: 0, nowMs: 0, holdTimeoutMs: 1000, ...given });
}

function held(admission: Admission<string>): Held<string> {
  if (!admission.ok) throw new Error(admission.refusal);
  return admission.held;
}

function takeAll(queue: HoldQueue<string>, lane = 'a'): string[] {
  const items: string[] = [];
  for (let next = queue.take(lane); next !== undefined; next = queue.take(lane)) items.push(next.item);
  return items;
}

describe('order', () => {
  it('is first come, first served', () => {
    const queue = new HoldQueue<string>(roomy, 1);
    for (const item of ['first', 'second', 'third']) admit(queue, item);
    expect(takeAll(queue)).toEqual(['first', 'second', 'third']);
  });

  it('puts the lower number first, and keeps the order of arrival among equals', () => {
    const queue = new HoldQueue<string>(roomy, 1);
    admit(queue, 'batch 1', { priority: 9 });
    admit(queue, 'chat 1', { priority: 1 });
    admit(queue, 'batch 2', { priority: 9 });
    admit(queue, 'chat 2', { priority: 1 });
    expect(queue.next('a')?.item).toBe('chat 1');
    expect(takeAll(queue)).toEqual(['chat 1', 'chat 2', 'batch 1', 'batch 2']);
  });

  it('is of one lane alone', () => {
    const queue = new HoldQueue<string>(roomy, 2);
    admit(queue, 'of b', { lane: 'b' });
    admit(queue, 'of a');
    expect(takeAll(queue)).toEqual(['of a']);
    expect(takeAll(queue, 'b')).toEqual(['of b']);
    expect(takeAll(queue, 'c')).toEqual([]);
  });
});

describe('leaving', () => {
  it('is possible from the middle, once', () => {
    const queue = new HoldQueue<string>(roomy, 1);
    const [, middle] = ['first', 'middle', 'last'].map((item) => held(admit(queue, item, { bytes: 10 })));
    expect(queue.remove(middle!)).toBe(true);
    expect(queue.remove(middle!)).toBe(false);
    expect([queue.size, queue.bytes]).toEqual([2, 20]);
    expect(takeAll(queue)).toEqual(['first', 'last']);
  });

  it('happens by itself when the time is over, and not before', () => {
    const queue = new HoldQueue<string>(roomy, 2);
    admit(queue, 'old', { nowMs: 0, bytes: 5 });
    admit(queue, 'old of b', { nowMs: 0, lane: 'b', priority: 3 });
    admit(queue, 'young', { nowMs: 500, bytes: 7 });
    expect(queue.expire(999.9)).toEqual([]);
    expect(queue.expire(1000).map(({ item }) => item)).toEqual(['old', 'old of b']);
    expect([queue.sizeOf('a'), queue.bytesOf('a'), queue.sizeOf('b')]).toEqual([1, 7, 0]);
  });

  it('takes with it the bytes that came while it waited', () => {
    const queue = new HoldQueue<string>(roomy, 1);
    const one = held(admit(queue, 'one', { bytes: 10 }));
    expect(queue.grow(one, 90)).toBeUndefined();
    expect([one.bytes, queue.bytes]).toEqual([100, 100]);
    queue.remove(one);
    expect(queue.bytes).toBe(0);
    expect(queue.grow(one, 5)).toBeUndefined();
    expect(queue.bytes).toBe(0);
  });
});

describe('bounds', () => {
  it.each([
    ['requests of one lane', { maxHeldPerLane: 2 }, {}, 'lane-count'],
    ['requests in all', { maxHeld: 2 }, { lane: 'a' }, 'all-count'],
    ['bytes of one lane', { maxBytesPerLane: 25 }, { bytes: 10 }, 'lane-bytes'],
    ['bytes in all', { maxBytes: 25 }, { bytes: 10 }, 'all-bytes'],
  ] as const)('on %s refuse what is beyond them, and leave the rest as it was', (_what, limit, given, refusal) => {
    const queue = new HoldQueue<string>({ ...roomy, ...limit }, 1);
    held(admit(queue, 'one', given));
    held(admit(queue, 'two', given));
    expect(admit(queue, 'three', given)).toEqual({ ok: false, refusal });
    expect(takeAll(queue)).toEqual(['one', 'two']);
    expect(admit(queue, 'again', given).ok).toBe(true);
  });

  it('hold for a body that grows', () => {
    const queue = new HoldQueue<string>({ ...roomy, maxBytesPerLane: 25 }, 1);
    const one = held(admit(queue, 'one', { bytes: 20 }));
    expect(queue.grow(one, 6)).toBe('lane-bytes');
    expect([queue.size, queue.bytes]).toEqual([1, 20]);
    expect(queue.grow(one, 5)).toBeUndefined();
  });

  it('leave each lane a part that the others cannot take', () => {
    const queue = new HoldQueue<string>({ ...roomy, maxHeld: 100, maxHeldPerLane: 100 }, 5);
    let greedy = 0;
    while (admit(queue, 'greedy', { lane: 'greedy' }).ok) greedy++;
    expect(greedy).toBe(60); // half of all, and its own tenth
    for (const lane of ['b', 'c', 'd', 'e']) {
      for (let count = 0; count < 10; count++) expect(admit(queue, 'modest', { lane }).ok).toBe(true);
    }
    expect(queue.size).toBe(100);
    expect(admit(queue, 'one more', { lane: 'b' })).toEqual({ ok: false, refusal: 'all-count' });
  });
});

describe('more lanes than before', () => {
  it('each get their part at once, though others had taken more than is theirs now', () => {
    const queue = new HoldQueue<string>({ ...roomy, maxHeld: 100, maxHeldPerLane: 100 }, 1);
    for (let count = 0; count < 90; count++) held(admit(queue, 'greedy', { lane: 'greedy' }));
    queue.setLanes(10);
    expect(admit(queue, 'one more', { lane: 'greedy' })).toEqual({ ok: false, refusal: 'all-count' });
    for (const lane of ['b', 'c']) {
      for (let count = 0; count < 5; count++) expect(admit(queue, 'mine', { lane }).ok).toBe(true);
    }
    expect(admit(queue, 'beyond all', { lane: 'd' })).toEqual({ ok: false, refusal: 'all-count' });
    expect(queue.size).toBe(100);
  });
});

const lanes = ['a', 'b', 'c'];
const step = fc.oneof(
  fc.record({
    kind: fc.constant('admit' as const),
    lane: fc.constantFrom(...lanes),
    priority: fc.integer({ min: 0, max: 3 }),
    bytes: fc.integer({ min: 0, max: 40 }),
    afterMs: fc.integer({ min: 0, max: 30 }),
  }),
  fc.record({ kind: fc.constant('take' as const), lane: fc.constantFrom(...lanes) }),
  fc.record({ kind: fc.constant('leave' as const), who: fc.nat() }),
  fc.record({ kind: fc.constant('grow' as const), who: fc.nat(), bytes: fc.integer({ min: 1, max: 30 }) }),
  fc.record({ kind: fc.constant('expire' as const), afterMs: fc.integer({ min: 0, max: 200 }) }),
);
const limitsGiven = fc.record({
  maxHeldPerLane: fc.integer({ min: 1, max: 8 }),
  maxHeld: fc.integer({ min: 1, max: 16 }),
  maxBytesPerLane: fc.integer({ min: 1, max: 150 }),
  maxBytes: fc.integer({ min: 1, max: 300 }),
});

/** The plainest queue there is: an array. */
interface Waiting {
  readonly held: Held<number>;
  readonly lane: string;
  readonly priority: number;
  readonly deadlineMs: number;
  readonly number: number;
  bytes: number;
}

it('loses nothing, gives nothing twice, keeps the order and stays within every bound, whatever happens', () => {
  fc.assert(
    fc.property(limitsGiven, fc.array(step, { maxLength: 120 }), (limits, steps) => {
      const queue = new HoldQueue<number>(limits, lanes.length);
      let waiting: Waiting[] = [];
      let nowMs = 0;
      let arrivals = 0;
      const drop = (gone: Waiting): void => {
        waiting = waiting.filter((each) => each !== gone);
      };
      for (const each of steps) {
        if (each.kind === 'admit') {
          const { lane, priority, bytes } = each;
          nowMs += each.afterMs;
          const number = ++arrivals;
          const admission = queue.admit({ item: number, lane, priority, bytes, nowMs, holdTimeoutMs: 100 });
          if (admission.ok) {
            waiting.push({ held: admission.held, lane, priority, deadlineMs: nowMs + 100, number, bytes });
          }
        } else if (each.kind === 'take') {
          const best = waiting
            .filter(({ lane }) => lane === each.lane)
            .sort((one, other) => one.priority - other.priority || one.number - other.number)[0];
          expect(queue.take(each.lane)?.item).toBe(best?.number);
          if (best !== undefined) drop(best);
        } else if (each.kind === 'leave' && waiting.length > 0) {
          const leaver = waiting[each.who % waiting.length]!;
          expect(queue.remove(leaver.held)).toBe(true);
          drop(leaver);
        } else if (each.kind === 'grow' && waiting.length > 0) {
          const grower = waiting[each.who % waiting.length]!;
          if (queue.grow(grower.held, each.bytes) === undefined) grower.bytes += each.bytes;
        } else if (each.kind === 'expire') {
          nowMs += each.afterMs;
          const over = waiting.filter(({ deadlineMs }) => deadlineMs <= nowMs);
          expect(new Set(queue.expire(nowMs).map(({ item }) => item))).toEqual(new Set(over.map((one) => one.number)));
          for (const one of over) drop(one);
        }
        const sumOf = (lane: string) =>
          waiting.filter((one) => one.lane === lane).reduce((sum, { bytes }) => sum + bytes, 0);
        for (const lane of lanes) {
          expect(queue.sizeOf(lane)).toBe(waiting.filter((one) => one.lane === lane).length);
          expect(queue.bytesOf(lane)).toBe(sumOf(lane));
          expect(queue.sizeOf(lane)).toBeLessThanOrEqual(limits.maxHeldPerLane);
          expect(queue.bytesOf(lane)).toBeLessThanOrEqual(limits.maxBytesPerLane);
        }
        expect(queue.size).toBe(waiting.length);
        expect(queue.size).toBeLessThanOrEqual(limits.maxHeld);
        expect(queue.bytes).toBeLessThanOrEqual(limits.maxBytes);
        expect(new Set([...queue].map(({ item }) => item))).toEqual(new Set(waiting.map(({ number }) => number)));
      }
    }),
  );
});

it('refuses only where a bound is reached: a lane within its own part always finds room', () => {
  fc.assert(
    fc.property(limitsGiven, fc.array(fc.constantFrom('b', 'c'), { maxLength: 60 }), (limits, others) => {
      const queue = new HoldQueue<string>(limits, lanes.length);
      for (const lane of others) admit(queue, 'other', { lane, bytes: 10 });
      const ownPart = Math.min(limits.maxHeldPerLane, Math.floor(limits.maxHeld / (2 * lanes.length)));
      for (let count = 0; count < ownPart; count++) expect(admit(queue, 'mine', { bytes: 0 }).ok).toBe(true);
    }),
  );
});
