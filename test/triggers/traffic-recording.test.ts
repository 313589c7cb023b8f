import { expect, it } from 'vitest';
import { emptyMemory, remember } from '../../src/aggregation/endpoint-memory.ts';
import type { Reading } from '../../src/aggregation/reading.ts';
import { nothingYet } from '../../src/discovery/endpoint-snapshot.ts';
import { absentSignals } from '../../src/presets/signals-outcome.ts';
import type { Moment } from '../../src/triggers/moment.ts';
import { TrafficRecording } from '../../src/triggers/traffic-recording.ts';
import type { WatchedEndpoint } from '../../src/triggers/watched-list.ts';

interface Said {
  readonly requestsTotal?: number;
  readonly promptTokensTotal?: number;
  readonly generationTokensTotal?: number;
  readonly concurrency?: number;
}

function watched(name: string, said: Said | undefined, phase: 'ready' | 'starting' = 'ready'): WatchedEndpoint {
  const endpoint = {
    name,
    address: name,
    ports: [],
    phase,
    namespace: 'a',
    node: undefined,
    url: undefined,
  };
  const policy = { metric: 'running', windowMs: 60_000, burstWindowMs: 6000 } as const;
  const signals = { ...absentSignals, ...said };
  const reading: Reading = { ok: true, atMs: 0, url: '', engine: 'vllm', signals, durationMs: 1, bodyBytes: 1 };
  const memory = said === undefined ? emptyMemory : remember(emptyMemory, reading, policy);
  return {
    endpoint,
    memory,
    problem: undefined,
    wasReady: phase === 'ready',
    becameReadyMs: undefined,
    joinedMs: undefined,
  };
}

function moment(nowMs: number, endpoints: readonly WatchedEndpoint[], gateway?: readonly WatchedEndpoint[]): Moment {
  return {
    nowMs,
    discovered: { ...nothingYet, synced: true, replicas: endpoints.length },
    metricType: undefined,
    replicas: { endpoints, surplus: 0 },
    gateway: gateway && { endpoints: gateway, surplus: 0, problem: undefined, isMissing: false, others: [] },
    gpus: undefined,
    startingForMs: 600_000,
  };
}

const arrivalsOf = (recording: TrafficRecording) => recording.traffic().buckets.map(({ arrivals }) => arrivals);

it('counts what ended and what has come to be in work as arrivals, each in its second', () => {
  const recording = new TrafficRecording(60_000);
  recording.note(moment(1000, [watched('a', { requestsTotal: 10, concurrency: 2 })]));
  recording.note(moment(2000, [watched('a', { requestsTotal: 10, concurrency: 5 })]));
  recording.note(moment(3000, [watched('a', { requestsTotal: 14, concurrency: 2 })]));
  recording.note(moment(12_000, [watched('a', { requestsTotal: 14, concurrency: 3 })]));
  expect(arrivalsOf(recording)).toEqual([
    [0, 0, 3, 1, 0, 0, 0, 0, 0, 0],
    [0, 0, 1, 0, 0, 0, 0, 0, 0, 0],
  ]);
});

it('believes a gateway that counts them', () => {
  const recording = new TrafficRecording(60_000);
  recording.note(moment(0, [], [watched('gateway', { requestsTotal: 100, concurrency: 0 })]));
  recording.note(moment(1000, [], [watched('gateway', { requestsTotal: 107, concurrency: 3 })]));
  expect(arrivalsOf(recording)).toEqual([[0, 7, 0, 0, 0, 0, 0, 0, 0, 0]]);
});

it('keeps the mean tokens of what ended, and says nothing where nothing did', () => {
  const recording = new TrafficRecording(60_000);
  recording.note(moment(0, [watched('a', { requestsTotal: 0, promptTokensTotal: 0, generationTokensTotal: 0 })]));
  recording.note(
    moment(5000, [watched('a', { requestsTotal: 4, promptTokensTotal: 4000, generationTokensTotal: 600 })]),
  );
  recording.note(
    moment(15_000, [watched('a', { requestsTotal: 4, promptTokensTotal: 4000, generationTokensTotal: 600 })]),
  );
  expect(recording.traffic().buckets).toMatchObject([
    { promptTokens: 1000, outputTokens: 150, replicas: 1, ready: 1 },
    { promptTokens: null, outputTokens: null },
  ]);
});

it('takes no past of a replica that joins, nor a restart, for traffic', () => {
  const recording = new TrafficRecording(60_000);
  recording.note(moment(0, [watched('a', { requestsTotal: 50, concurrency: 0 })]));
  recording.note(
    moment(1000, [
      watched('a', { requestsTotal: 50, concurrency: 0 }),
      watched('b', { requestsTotal: 900, concurrency: 0 }),
    ]),
  );
  recording.note(
    moment(2000, [
      watched('a', { requestsTotal: 2, concurrency: 0 }),
      watched('b', { requestsTotal: 900, concurrency: 0 }),
    ]),
  );
  expect(arrivalsOf(recording)).toEqual([[0, 0, 2, 0, 0, 0, 0, 0, 0, 0]]);
});

it('remembers how long replicas took until they were ready', () => {
  const recording = new TrafficRecording(60_000);
  recording.note(moment(0, [watched('a', undefined, 'starting')]));
  recording.note(moment(45_000, [watched('a', undefined, 'starting'), watched('b', undefined)]));
  recording.note(moment(95_000, [watched('a', {}), watched('b', {})]));
  expect(recording.traffic().startsSeconds).toEqual([95]);
});

it('keeps no more than its span, however long it runs and sleeps', () => {
  const recording = new TrafficRecording(60_000);
  for (let second = 0; second < 1000; second++) {
    recording.note(moment(second * 1000, [watched('a', { requestsTotal: second, concurrency: 0 })]));
  }
  expect(recording.traffic().buckets).toHaveLength(6);
  expect(arrivalsOf(recording).flat()).toEqual(Array<number>(60).fill(1));
  recording.note(moment(1_030_000, [watched('a', { requestsTotal: 999, concurrency: 0 })]));
  expect(
    arrivalsOf(recording)
      .flat()
      .filter((count) => count > 0),
  ).toHaveLength(20);
  recording.note(moment(9_000_000, [watched('a', { requestsTotal: 999, concurrency: 0 })]));
  expect(arrivalsOf(recording).flat()).toEqual(Array<number>(60).fill(0));
});
