import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { protoFile } from '../src/grpc/contract.ts';
import type { WireScaledObjectRef } from '../src/simulate/keda/scaler.ts';
import { ScalerConnection } from '../src/simulate/keda/scaler-connection.ts';
import { carryOut, isChild, startChild } from './child.ts';
import { refOf } from './triggers.ts';

export interface Restlessness {
  readonly workloads: number;
  readonly edits: number;
  readonly brokenStreams: number;
  readonly newConnections: number;
  readonly withinMs: number;
}

/** How much was done, and how much of it was answered. */
export interface Restless {
  readonly answers: number;
  readonly refused: number;
  readonly edits: number;
  readonly brokenStreams: number;
}

/** KEDA over a day: it asks, its triggers are edited, its streams and connections break. In a process of its own. */
export interface ChurnKeda {
  run(address: string, restlessness: Restlessness): Promise<Restless>;
  stop(): Promise<void>;
}

export function startChurnKeda(): ChurnKeda {
  const child = startChild(fileURLToPath(import.meta.url));
  return {
    run: (address, restlessness) => child.order('run', { address, restlessness }),
    stop: () => child.stop(),
  };
}

const pollEveryMs = 2000;
const scraping = { scrapeInterval: '200ms', scrapeTimeout: '190ms', window: '10s', burstWindow: '2s' };

/** The child's side. */
function actAsKeda(): void {
  const connect = (address: string): ScalerConnection =>
    new ScalerConnection(address, { protoPath: protoFile('externalscaler.proto'), timeScale: 1 });

  const run = async ({ address, restlessness }: { address: string; restlessness: Restlessness }): Promise<Restless> => {
    const { workloads, withinMs } = restlessness;
    const untilMs = performance.now() + withinMs;
    const done = { answers: 0, refused: 0, edits: 0, brokenStreams: 0 };
    const targets = Array.from({ length: workloads }, () => 32);
    const streams: AbortController[] = [];
    let connection = connect(address);
    /** Each workload has a trigger on its pods and one on its Service. */
    const refsOf = (place: number): WireScaledObjectRef[] => {
      const metadata = { targetValue: String(targets[place]), ...scraping };
      return [refOf(`model-${place}`, metadata), refOf(`model-${place}`, { ...metadata, service: `model-${place}` })];
    };
    const openStream = (place: number): void => {
      streams[place]?.abort();
      const breaking = new AbortController();
      streams[place] = breaking;
      void connection.stream('StreamIsActive', refsOf(place)[0]!, async () => {}, breaking.signal);
    };
    const ask = async (ref: WireScaledObjectRef): Promise<void> => {
      try {
        const { metricSpecs } = await connection.call('GetMetricSpec', ref);
        await connection.call('GetMetrics', { scaledObjectRef: ref, metricName: metricSpecs[0]!.metricName });
        await connection.call('IsActive', ref);
        done.answers++;
      } catch {
        done.refused++;
      }
    };
    const poll = async (place: number): Promise<void> => {
      await sleep(Math.random() * pollEveryMs);
      while (performance.now() < untilMs) {
        await Promise.all(refsOf(place).map(ask));
        await sleep(pollEveryMs);
      }
    };
    const often = async (count: number, act: (place: number) => void): Promise<void> => {
      for (let nth = 0; nth < count; nth++) {
        await sleep(withinMs / count);
        act(Math.floor(Math.random() * workloads));
      }
    };
    const reconnect = (): void => {
      const before = connection;
      connection = connect(address);
      for (let place = 0; place < workloads; place++) openStream(place);
      setTimeout(() => before.close(), pollEveryMs);
    };
    for (let place = 0; place < workloads; place++) openStream(place);
    await Promise.all([
      ...targets.map((_, place) => poll(place)),
      often(restlessness.edits, (place) => {
        targets[place] = targets[place]! + 1;
        done.edits++;
        openStream(place);
      }),
      often(restlessness.brokenStreams, (place) => {
        done.brokenStreams++;
        openStream(place);
      }),
      often(restlessness.newConnections, reconnect),
    ]);
    connection.close();
    return done;
  };
  carryOut({ run });
}

if (isChild(fileURLToPath(import.meta.url))) actAsKeda();
