import { expect, it } from 'vitest';
import { noActivity } from '../../src/aggregation/activity.ts';
import type { Observation } from '../../src/aggregation/observation.ts';
import { decide } from '../../src/decision/decide.ts';
import { explain } from '../../src/decision/explain.ts';

const seen: Observation = {
  discoverySynced: true,
  replicas: 2,
  readable: 2,
  unreadable: 0,
  now: { low: 41.25, high: 41.25 },
  windowed: { low: 41.25, high: 41.25 },
  requestsInFront: undefined,
  gatewayState: undefined,
};
const policy = { targetValue: 10, aggregation: 'sum' } as const;
const active = { active: true, reason: 'load-above-activation', lastActiveMs: 0 } as const;

function sentence(
  observation: Observation,
  activity: Parameters<typeof explain>[1]['activity'],
  problem?: string,
): string {
  return explain(decide(observation, policy), {
    seen: observation,
    activity,
    metric: 'concurrency',
    targetValue: 10,
    aggregation: 'sum',
    problem,
    told: undefined,
    gatewayProblem: 'no answer',
  });
}

it.each([
  [
    'fills in the numbers',
    sentence(seen, active),
    'concurrency 41.25 / target 10 = 5 wanted, 2 now; 2 endpoints read; active: load-above-activation',
  ],
  [
    'says how much there is now where the windows say something else',
    sentence({ ...seen, now: { low: 3, high: 3 } }, active),
    '2 endpoints read; 3 at this moment; active',
  ],
  ['counts one endpoint as one', sentence({ ...seen, readable: 1 }, active), '; 1 endpoint read;'],
  [
    'says that the only endpoint could not be read',
    sentence({ ...seen, readable: 0, unreadable: 1, now: { low: 0, high: 20 } }, noActivity, 'refused'),
    'holding, the only endpoint could not be read: refused',
  ],
  [
    'says what has not come back, and holds nothing for it',
    sentence({ ...seen, readable: 0, lost: 2, now: { low: 0, high: 20 }, windowed: { low: 0, high: 20 } }, active),
    '2 wanted, 2 now; 2 replicas went with all others and are not back yet, at most 20 whatever they carry; active',
  ],
  ['says what is at the gateway', sentence({ ...seen, requestsInFront: 3 }, active), '3 at the gateway'],
  [
    'says that it is idle',
    sentence({ ...seen, now: { low: 0, high: 0 }, windowed: { low: 0, high: 0 } }, noActivity),
    'inactive: idle',
  ],
  [
    'says that the gateway is lost',
    sentence({ ...seen, gatewayState: 'unreadable' }, active),
    "the gateway can't be read: no answer",
  ],
  [
    'says how much could not be read',
    sentence({ ...seen, unreadable: 1, windowed: { low: 15, high: 25 } }, active),
    '1 unreadable, somewhere from 15 to 25, so no change is asked for',
  ],
  [
    'says why it holds',
    sentence({ ...seen, readable: 0, unreadable: 2, now: { low: 0, high: 20 } }, noActivity, 'pod a: refused'),
    'holding, none of 2 endpoints could be read: pod a: refused',
  ],
  [
    'says what KEDA is told while it holds, where that is no error',
    explain(decide({ ...seen, readable: 0, unreadable: 2, now: { low: 0, high: 20 } }, policy), {
      seen: { ...seen, readable: 0, unreadable: 2 },
      activity: active,
      metric: 'concurrency',
      targetValue: 10,
      aggregation: 'sum',
      problem: 'refused',
      told: { metricValue: 20, active: true },
      gatewayProblem: undefined,
    }),
    'holding, none of 2 endpoints could be read: refused; no change is asked for (20), as it was active before',
  ],
  [
    'says that discovery has not delivered',
    sentence({ ...seen, discoverySynced: false }, noActivity, 'no such thing'),
    'holding, the endpoints are not known yet: no such thing',
  ],
])('%s', (_name, said, want) => expect(said).toContain(want));
