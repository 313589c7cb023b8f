import { status } from '@grpc/grpc-js';
import type { Answer, KedaClient } from '../keda-client.ts';
import { inWords } from '../keda-client.ts';
import type { Scaler } from '../scaler.ts';
import type { Scene } from '../scene.ts';
import { isExactly, settles } from '../settles.ts';
import { until } from '../until.ts';
import { BentoServer } from './bento-server.ts';
import { bentomlVenv } from './bentoml-venv.ts';

/** The concurrency the service in `holder.py` asks for, and so what one replica should carry. */
const TARGET = 8;
/** Errors in a row after which the scaler has made up its mind. */
const LASTING_ERRORS = 20;

interface Cast {
  readonly server: BentoServer;
  readonly scaler: Scaler;
  readonly keda: KedaClient;
}

/** One replica of two worker processes, from its first look to its end. */
export const bentomlReplica: Scene = {
  name: 'bentoml-replica',
  isUsual: true,
  play: async (stage) => {
    const python = await stage.python(bentomlVenv);
    const server = await BentoServer.create(python, stage.scratchDir, stage.endings);
    await server.start();
    const cast = { server, scaler: stage.scaler, keda: stage.keda(triggerMetadata(server.port)) };
    for (const { name, run } of story) await stage.check(name, () => run(cast));
  },
};

/** One check: a sentence, and what is done to see that it is true. What it returns is printed beside it. */
interface Check {
  readonly name: string;
  readonly run: (cast: Cast) => Promise<string | undefined>;
}

/** The trigger of a user who has one BentoML replica; short spans, so that the checks need not wait for a minute. */
function triggerMetadata(port: number): Readonly<Record<string, string>> {
  return {
    targetValue: String(TARGET),
    endpoints: `http://127.0.0.1:${port}/metrics`,
    window: '1s',
    burstWindow: '1s',
    staleAfter: '3s',
    idleAfter: '2s',
  };
}

/** The checks in their order: each begins where the one before has ended. */
const story: readonly Check[] = [
  { name: 'the metric spec has one metric and the target of the trigger', run: hasSpec },
  { name: 'a replica that has served nothing counts as exactly 0, inactive', run: isIdle },
  { name: '1 request: pushed as active, and the value is exactly 1', run: wakesUp },
  { name: '8 requests: exactly 8', run: (cast) => counts(cast, 8) },
  { name: '13 requests, more than the service asks for: exactly 13', run: (cast) => counts(cast, 13) },
  { name: '5 requests, after 8 were answered: exactly 5', run: (cast) => counts(cast, 5) },
  { name: 'all answered: exactly 0, and inactive once idleAfter is over', run: fallsAsleep },
  { name: 'health probes are no load', run: ignoresProbes },
  { name: 'a request too short to be seen counts as activity', run: seesShortRequest },
  { name: 'killed under 13 requests: UNAVAILABLE, and at no moment 0 or inactive', run: holdsWhenKilled },
  { name: 'the push stream outlives the outage', run: streamIsOpen },
  { name: 'started again: exactly 0 first, then exactly 5 with 5 requests', run: recovers },
  { name: 'the service ends cleanly, and its stream with OK', run: endsCleanly },
];

async function hasSpec({ keda }: Cast): Promise<string> {
  const { metricName, target } = await keda.spec();
  if (target !== TARGET) throw new Error(`expected a target of ${TARGET}, found ${target}`);
  return `${metricName}, ${target} for each replica`;
}

async function isIdle({ keda }: Cast): Promise<string> {
  keda.openStream();
  const seen = await settles(keda, 'exactly 0, inactive', (answer) => isExactly(answer, 0) && !answer.active);
  if (keda.pushedTrue + keda.pushedFalse > 0) throw new Error('expected a silent push stream, found messages on it');
  return seen;
}

async function wakesUp(cast: Cast): Promise<string> {
  const { keda, server } = cast;
  const before = keda.pushedTrue;
  const startedMs = performance.now();
  await server.hold(1);
  await until('true on the push stream', () => (keda.pushedTrue > before ? true : undefined));
  const pushedAfterMs = Math.round(performance.now() - startedMs);
  return `${await counts(cast, 1)}, pushed after ${pushedAfterMs} ms`;
}

async function counts({ keda, server }: Cast, requests: number): Promise<string> {
  await server.hold(requests);
  const seen = await settles(keda, `exactly ${requests}, active`, (answer) => {
    return isExactly(answer, requests) && answer.active;
  });
  if (server.gate.inside !== requests) throw new Error(`${server.gate.inside} requests are left in the server`);
  return seen;
}

async function fallsAsleep({ keda, server }: Cast): Promise<string> {
  await server.hold(0);
  const lingered = await keda.isActive();
  if (lingered === false) throw new Error('inactive before idleAfter was over');
  return settles(keda, 'exactly 0, inactive', (answer) => isExactly(answer, 0) && !answer.active);
}

async function ignoresProbes({ keda, server }: Cast): Promise<string> {
  let probes = 0;
  const settled = settles(keda, 'exactly 0, inactive', (answer) => {
    if (answer.ok && (answer.float > 0 || answer.active)) throw new Error(`probes count: ${inWords(answer)}`);
    return isExactly(answer, 0);
  });
  const probing = (async () => {
    for (let round = 0; round < 50; round++) {
      for (const path of ['/livez', '/readyz', '/healthz']) {
        if ((await server.get(path)) !== 200) throw new Error(`expected status 200 from ${path}`);
        probes += 1;
      }
    }
  })();
  const [seen] = await Promise.all([settled, probing]);
  return `${seen} during ${probes} probes`;
}

async function seesShortRequest(cast: Cast): Promise<string> {
  const { keda, server } = cast;
  const before = keda.pushedTrue;
  await server.passOneThrough();
  const seen = await until('to be active', async () => ((await keda.isActive()) === true ? true : undefined));
  await until('true on the push stream', () => (keda.pushedTrue > before ? seen : undefined));
  await settles(keda, 'exactly 0, inactive', (answer) => isExactly(answer, 0) && !answer.active);
  return 'active and pushed, then inactive again';
}

/** The replica was at 13 and is expected to be at 8: nothing outside of these bounds may be said while nothing is known. */
async function holdsWhenKilled(cast: Cast): Promise<string> {
  const { keda, server } = cast;
  await counts(cast, 13);
  const killedMs = performance.now();
  const killed = server.kill();
  let values = 0;
  let firstErrorMs: number | undefined;
  let details = '';
  let errors = 0;
  const look = async (): Promise<true | undefined> => {
    const answer = await keda.ask();
    if ((await keda.isActive()) === false) throw new Error('found IsActive false while nothing was known');
    if (answer.ok) {
      if (errors > 0) throw new Error(`found a value after an error: ${inWords(answer)}`);
      if (!isWithin(answer, TARGET, 13)) throw new Error(`expected a value from ${TARGET} to 13: ${inWords(answer)}`);
      values += 1;
      return undefined;
    }
    if (answer.code !== status.UNAVAILABLE) throw new Error(`expected UNAVAILABLE, found ${inWords(answer)}`);
    firstErrorMs ??= performance.now();
    details = answer.details;
    errors += 1;
    return errors >= LASTING_ERRORS ? true : undefined;
  };
  const latest = (): string => `${values} values, then ${errors} errors`;
  await Promise.all([killed, until('UNAVAILABLE to stay', look, { latest, everyMs: 20 })]);
  if (server.lost !== 13) throw new Error(`expected 13 lost requests, found ${server.lost}: the server was not busy`);
  const afterMs = Math.round(firstErrorMs! - killedMs);
  return `after ${afterMs} ms and ${values} values from ${TARGET} to 13: "${details}"`;
}

async function streamIsOpen({ keda }: Cast): Promise<string> {
  const { streamEnd, pushedTrue, pushedFalse } = keda;
  if (streamEnd !== undefined) throw new Error(`the stream ended: ${streamEnd.code} ${streamEnd.details}`);
  if (pushedFalse > 0) throw new Error(`expected only true on the stream, found ${pushedFalse} times false`);
  return `${pushedTrue} times true until now`;
}

async function recovers(cast: Cast): Promise<string> {
  const { keda, server } = cast;
  await server.start();
  await settles(keda, 'exactly 0, inactive', (answer) => isExactly(answer, 0) && !answer.active);
  return counts(cast, 5);
}

async function endsCleanly({ keda, scaler }: Cast): Promise<string> {
  const exit = await scaler.program.end();
  if (exit !== 0) throw new Error(`expected exit code 0, found ${exit}`);
  const end = await until('the stream to end', () => keda.streamEnd);
  if (end.code !== status.OK) throw new Error(`expected the stream to end with OK, found ${end.code}: ${end.details}`);
  return 'exit code 0';
}

function isWithin(answer: Extract<Answer, { ok: true }>, low: number, high: number): boolean {
  return [answer.float, answer.integer].every((value) => value >= low && value <= high) && answer.active;
}
