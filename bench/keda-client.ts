import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { protoFile } from '../src/grpc/contract.ts';
import type { WireScaledObjectRef } from '../src/simulate/keda/scaler.ts';
import { ScalerConnection } from '../src/simulate/keda/scaler-connection.ts';
import { carryOut, isChild, startChild } from './child.ts';
import { sharedNowMs } from './figures.ts';
import { startQueuePage } from './queue-page.ts';

/** How much is asked, and for how long. */
export interface Asking {
  readonly durationMs: number;
  /** Calls evenly spread over each second. */
  readonly steadyPerSecond: number;
  /** Calls made at once at the beginning of each second, as when many ScaledObjects are due together. */
  readonly burst: number;
  /** What every answer should say; any is right where left out. */
  readonly expected?: number;
}

/** Milliseconds from question to answer. */
export interface Asked {
  readonly steadyMs: readonly number[];
  readonly burstMs: readonly number[];
  readonly refused: number;
  /** Answers that said something else than what was expected. */
  readonly wrong: number;
}

export interface Raised {
  /** From the moment the page shows a request to `true` on the stream; 10 s where it did not come. */
  readonly pushedMs: readonly number[];
  /** To `true` from `IsActive`, for the triggers that were asked every `pollEveryMs` besides. */
  readonly polledMs: readonly number[];
}

export interface Raising {
  readonly perSecond: number;
  /** Each how manieth trigger is polled besides, and how often. */
  readonly pollEach: number;
  readonly pollEveryMs: number;
}

/** The load generator: asks as KEDA does, over one connection, from a process of its own. */
export interface KedaClient {
  /** Names the triggers; the other orders ask about these. */
  use(address: string, triggers: readonly WireScaledObjectRef[]): Promise<void>;
  /** Asks about each trigger once, so many at a time. */
  firstQuestions(atOnce: number): Promise<{ readonly ms: readonly number[]; readonly refused: number }>;
  ask(asking: Asking): Promise<Asked>;
  /** Asks about these triggers every few milliseconds until each value has changed: when it had, by `sharedNowMs`. */
  watchChange(places: readonly number[]): Promise<readonly number[]>;
  /** Serves one queue page with an entry for each trigger. Resolves with its URL. */
  serveQueue(routes: readonly string[]): Promise<string>;
  openStreams(): Promise<void>;
  /** Shows one request after another on the queue page, each for another trigger, and waits for its stream. */
  raise(raising: Raising): Promise<Raised>;
  /** Nothing is held any more, no stream is open, and nothing has been said on one. */
  forget(): Promise<void>;
  stop(): Promise<void>;
}

export function startKedaClient(): KedaClient {
  const child = startChild(fileURLToPath(import.meta.url));
  return {
    use: (address, triggers) => child.order('use', { address, triggers }),
    firstQuestions: (atOnce) => child.order('firstQuestions', atOnce),
    ask: (asking) => child.order('ask', asking),
    watchChange: (places) => child.order('watchChange', places),
    serveQueue: (routes) => child.order('serveQueue', routes),
    openStreams: () => child.order('openStreams'),
    raise: (raising) => child.order('raise', raising),
    forget: () => child.order('forget'),
    stop: () => child.stop(),
  };
}

const neverMs = 10_000;
const askEveryMs = 10;

/** The child's side. */
function actAsKeda(): void {
  let connection: ScalerConnection | undefined;
  let triggers: readonly WireScaledObjectRef[] = [];
  let queue: Awaited<ReturnType<typeof startQueuePage>> | undefined;
  const metricNames = new Map<number, string>();
  /** When each stream said `true`, by place. */
  const saidTrue: (number | undefined)[] = [];
  let ending = new AbortController();

  const askMetrics = async (place: number): Promise<number> => {
    const metricName = metricNames.get(place) ?? '';
    const answer = await connection!.call('GetMetrics', { scaledObjectRef: triggers[place]!, metricName });
    return answer.metricValues[0]!.metricValueFloat;
  };
  /** Asks, and says what came after how long; undefined when refused. */
  const timed = async (place: number): Promise<{ readonly tookMs: number; readonly value: number } | undefined> => {
    const fromMs = sharedNowMs();
    try {
      const value = await askMetrics(place);
      return { tookMs: sharedNowMs() - fromMs, value };
    } catch {
      return undefined;
    }
  };

  const use = async (wanted: { address: string; triggers: readonly WireScaledObjectRef[] }): Promise<void> => {
    connection?.close();
    metricNames.clear();
    connection = new ScalerConnection(wanted.address, { protoPath: protoFile('externalscaler.proto'), timeScale: 1 });
    triggers = wanted.triggers;
    for (const [place, ref] of triggers.entries()) {
      const { metricSpecs } = await connection.call('GetMetricSpec', ref);
      metricNames.set(place, metricSpecs[0]!.metricName);
    }
  };

  const firstQuestions = async (atOnce: number) => {
    const ms: number[] = [];
    let [next, refused] = [0, 0];
    const asker = async (): Promise<void> => {
      while (next < triggers.length) {
        const answer = await timed(next++);
        if (answer === undefined) refused++;
        else ms.push(answer.tookMs);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, asker));
    return { ms, refused };
  };

  const ask = async ({ durationMs, steadyPerSecond, burst, expected }: Asking): Promise<Asked> => {
    const steadyMs: number[] = [];
    const burstMs: number[] = [];
    let [refused, wrong, next] = [0, 0, 0];
    const one = async (into: number[]): Promise<void> => {
      const answer = await timed(next++ % triggers.length);
      if (answer === undefined) refused++;
      else into.push(answer.tookMs);
      if (answer !== undefined && expected !== undefined && answer.value !== expected) wrong++;
    };
    const calls: Promise<void>[] = [];
    const startMs = sharedNowMs();
    for (let call = 0; call < (durationMs / 1000) * steadyPerSecond; call++) {
      if (call % steadyPerSecond === 0) for (let nth = 0; nth < burst; nth++) calls.push(one(burstMs));
      const dueMs = startMs + (call * 1000) / steadyPerSecond + 500 / steadyPerSecond;
      const waitMs = dueMs - sharedNowMs();
      if (waitMs > 0) await sleep(waitMs);
      calls.push(one(steadyMs));
    }
    await Promise.all(calls);
    return { steadyMs, burstMs, refused, wrong };
  };

  const changed = async (place: number): Promise<number> => {
    const before = await askMetrics(place);
    const untilMs = sharedNowMs() + neverMs;
    for (;;) {
      const value = await askMetrics(place);
      const nowMs = sharedNowMs();
      if (value !== before || nowMs > untilMs) return nowMs;
      await sleep(askEveryMs);
    }
  };

  const openStreams = async (): Promise<void> => {
    for (const [place, ref] of triggers.entries()) {
      const take = async ({ result }: { readonly result: boolean }): Promise<void> => {
        if (result) saidTrue[place] ??= sharedNowMs();
      };
      void connection!.stream('StreamIsActive', ref, take, ending.signal);
      if (place % 50 === 49) await sleep(20);
    }
  };

  const polled = async (place: number, everyMs: number): Promise<number> => {
    await sleep(Math.random() * everyMs);
    for (;;) {
      const { result } = await connection!.call('IsActive', triggers[place]!);
      if (result) return sharedNowMs();
      await sleep(everyMs);
    }
  };

  const raise = async ({ perSecond, pollEach, pollEveryMs }: Raising): Promise<Raised> => {
    const shown: number[] = [];
    const polling: Promise<number>[] = [];
    for (const place of triggers.keys()) {
      await sleep((Math.random() * 2000) / perSecond);
      if (place % pollEach === 0) {
        const heard = polled(place, pollEveryMs);
        polling.push(heard.then((atMs) => atMs - shown[place]!));
      }
      queue!.hold(triggers[place]!);
      shown[place] = sharedNowMs();
    }
    const untilMs = sharedNowMs() + neverMs;
    while (saidTrue.filter((at) => at !== undefined).length < triggers.length && sharedNowMs() < untilMs) {
      await sleep(50);
    }
    const pushedMs = shown.map((shownMs, place) => (saidTrue[place] ?? shownMs + neverMs) - shownMs);
    return { pushedMs, polledMs: await Promise.all(polling) };
  };

  carryOut({
    use,
    firstQuestions,
    ask,
    watchChange: (places: readonly number[]) => Promise.all(places.map(changed)),
    async serveQueue(routes: readonly string[]) {
      queue = await startQueuePage(routes);
      return queue.url;
    },
    openStreams,
    raise,
    forget() {
      ending.abort();
      ending = new AbortController();
      saidTrue.length = 0;
      queue?.clear();
    },
  });
}

if (isChild(fileURLToPath(import.meta.url))) actAsKeda();
