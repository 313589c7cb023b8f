import { expect, it } from 'vitest';
import { noActivity } from '../../src/aggregation/activity.ts';
import type { Observation } from '../../src/aggregation/observation.ts';
import { decide } from '../../src/decision/decide.ts';
import { explain } from '../../src/decision/explain.ts';
import type { HpaView } from '../../src/decision/hpa-view.ts';
import { defaultHpaTolerance } from '../../src/keda/hpa-proposal.ts';

const seen: Observation = {
  discoverySynced: true,
  replicas: 2,
  readable: 2,
  unreadable: 0,
  now: { low: 41.25, high: 41.25 },
  unseen: { burst: { low: 0, high: 0 }, window: { low: 0, high: 0 } },
  windowed: { low: 41.25, high: 41.25 },
  requestsInFront: undefined,
  gatewayState: undefined,
  engines: { low: 41.25, high: 41.25 },
  unreadInFront: 0,
  isGatewayGivenUp: false,
};
const policy = { targetValue: 10, aggregation: 'sum' } as const;
const active = { active: true, reason: 'load-above-activation', lastActiveMs: 0 } as const;

const surge: HpaView = {
  kind: 'average-value',
  sight: { specReplicas: 12, statusReplicas: [13, 12], readyReplicas: 12, tolerances: [defaultHpaTolerance] },
  isErrorSafe: true,
  justReplicas: 12,
  minReplicas: 1,
  maxReplicas: 20,
};
const full: Observation = { ...seen, replicas: 12, now: { low: 120, high: 120 }, windowed: { low: 120, high: 120 } };

function beside(hpa: HpaView, metricValue: number | undefined, observation = full): string {
  return explain(decide(observation, policy), {
    seen: observation,
    activity: active,
    metric: 'concurrency',
    ...policy,
    problem: undefined,
    told: metricValue === undefined ? undefined : { metricValue, active: true },
    hpa,
    gatewayProblem: undefined,
    silentGateway: undefined,
    sharedWith: 0,
  });
}

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
    hpa: undefined,
    gatewayProblem: 'no answer',
    silentGateway: 'the Dynamo frontend',
    sharedWith: 1,
  });
}

it.each([
  [
    'says what is told beside a surge, and what comes of it',
    beside(surge, 116),
    'concurrency 120 / target 10 = 12 wanted, 12 now; 2 endpoints read; 116 is told, for the autoscaler counts 13 of 12; active',
  ],
  [
    'says when only an error keeps the size',
    beside({ ...surge, sight: { ...surge.sight, specReplicas: 12, statusReplicas: [13] } }, undefined),
    '= 12 kept, 12 now; 2 endpoints read; an error is told, for the autoscaler counts 13 of 12, where only an error keeps 12; active',
  ],
  [
    'says who is ready where the autoscaler multiplies them',
    beside({ ...surge, kind: 'value', sight: { ...surge.sight, readyReplicas: 1 } }, 10),
    '= 12 wanted, 12 now; 2 endpoints read; 10 is told, for the autoscaler multiplies the 1 ready of 12; active',
  ],
  [
    'says nothing of it where the value is told as it is',
    beside(surge, 120),
    '= 13 wanted, 12 now; 2 endpoints read; active',
  ],
  ['keeps to the limits of the ScaledObject', beside({ ...surge, maxReplicas: 9 }, 120), '= 9 wanted, 12 now'],
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
  [
    'says what is at the gateway',
    sentence({ ...seen, requestsInFront: 3 }, active),
    '3 at the gateway, the share beside 1 other workload',
  ],
  [
    'says at zero that nothing can wake it',
    sentence({ ...seen, replicas: 0, gatewayState: 'read' }, noActivity),
    "the Dynamo frontend counts nothing while no replica runs, so a request can't wake this workload",
  ],
  [
    'says that a gateway counts as nothing',
    sentence({ ...seen, gatewayState: 'unreadable', isGatewayGivenUp: true }, active),
    "the gateway can't be read: no answer; it never could be, so it counts as nothing",
  ],
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
      hpa: undefined,
      gatewayProblem: undefined,
      silentGateway: undefined,
      sharedWith: 0,
    }),
    'holding, none of 2 endpoints could be read: refused; no change is asked for (20), as it was active before',
  ],
  [
    'says that discovery has not delivered',
    sentence({ ...seen, discoverySynced: false }, noActivity, 'no such thing'),
    'holding, the endpoints are not known yet: no such thing',
  ],
])('%s', (_name, said, want) => expect(said).toContain(want));

it('names what only latency sums show', () => {
  const shown = { ...seen, unseen: { burst: { low: 4.6, high: 4.6 }, window: { low: 3, high: 3 } } };
  expect(sentence(shown, active)).toContain('; latency sums show 4.6 that no gauge does; ');
  expect(sentence(seen, active)).not.toContain('latency sums');
});
