import { expect, it } from 'vitest';
import type { Observation } from '../../src/aggregation/observation.ts';
import { decide } from '../../src/decision/decide.ts';
import type { HoldContext } from '../../src/decision/told.ts';
import { toldOf } from '../../src/decision/told.ts';
import { desiredReplicas } from '../../src/keda/desired-replicas.ts';

const blind: Observation = {
  discoverySynced: true,
  replicas: 4,
  readable: 0,
  unreadable: 4,
  now: { low: 0, high: 40 },
  windowed: { low: 0, high: 40 },
  requestsInFront: undefined,
  gatewayState: undefined,
};
const served: HoldContext = { wasActive: true, hasFallback: false, isListDoubtful: false };

function told(seen: Observation, context: Partial<HoldContext> = {}, aggregation: 'sum' | 'max' = 'sum') {
  const policy = { targetValue: 10, aggregation };
  return toldOf(decide(seen, policy), false, { seen, policy, context: { ...served, ...context } });
}

it('says no change and active of a workload that served when nothing could be read any more', () => {
  expect(told(blind)).toEqual({ metricValue: 40, active: true });
  expect(desiredReplicas(40, 10, 4)).toBe(4);
  expect(told(blind, {}, 'max')).toEqual({ metricValue: 10, active: true });
});

it.each<[string, Observation, Partial<HoldContext>]>([
  ['of one that was idle: it may end', blind, { wasActive: false }],
  ['of one that nothing was ever known of', blind, { wasActive: undefined }],
  ['where a fallback waits for the error', blind, { hasFallback: true }],
  ['where nobody looked for a fallback', blind, { hasFallback: undefined }],
  ['where the number of replicas may be out of date', blind, { isListDoubtful: true }],
  ['at zero, where active would start a replica', { ...blind, replicas: 0 }, {}],
  ['where the replicas are not known', { ...blind, discoverySynced: false }, {}],
])('is an error %s', (_name, seen, context) => expect(told(seen, context)).toBeUndefined());

it('is the decision itself where there is one, whatever was before', () => {
  const seen: Observation = {
    ...blind,
    readable: 4,
    unreadable: 0,
    now: { low: 7, high: 7 },
    windowed: { low: 7, high: 7 },
  };
  for (const context of [served, { wasActive: undefined, hasFallback: undefined, isListDoubtful: true }]) {
    expect(told(seen, context)).toEqual({ metricValue: 7, active: false });
  }
});
