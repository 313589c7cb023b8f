import { expect, it } from 'vitest';
import type { Observation } from '../../src/aggregation/observation.ts';
import { decide } from '../../src/decision/decide.ts';
import type { HpaView } from '../../src/decision/hpa-view.ts';
import { foreseenReplicas } from '../../src/decision/hpa-view.ts';
import type { HoldContext } from '../../src/decision/told.ts';
import { toldOf } from '../../src/decision/told.ts';
import { defaultHpaTolerance } from '../../src/keda/hpa-proposal.ts';

const blind: Observation = {
  discoverySynced: true,
  replicas: 4,
  readable: 0,
  unreadable: 4,
  now: { low: 0, high: 40 },
  unseen: { burst: { low: 0, high: 0 }, window: { low: 0, high: 0 } },
  windowed: { low: 0, high: 40 },
  requestsInFront: undefined,
  gatewayState: undefined,
  engines: { low: 0, high: 40 },
  unreadInFront: 0,
  isGatewayGivenUp: false,
};
const served: HoldContext = {
  wasActive: true,
  hasFallback: false,
  isListDoubtful: false,
  isGatewayMissing: false,
  hpa: undefined,
};

function told(seen: Observation, context: Partial<HoldContext> = {}, aggregation: 'sum' | 'max' = 'sum') {
  const policy = { targetValue: 10, aggregation };
  return toldOf(decide(seen, policy), false, { seen, policy, context: { ...served, ...context } });
}

it('says no change and active of a workload that served when nothing could be read any more', () => {
  expect(told(blind)).toEqual({ metricValue: 40, active: true });
  expect(foreseenReplicas(40, { replicas: 4, targetValue: 10, aggregation: 'sum' }, undefined)).toBe(4);
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

const asleep: Observation = {
  ...blind,
  replicas: 0,
  unreadable: 0,
  now: { low: 0, high: 0 },
  windowed: { low: 0, high: 0 },
};
it.each<[string, Observation, Partial<HoldContext>, boolean]>([
  ['an error where the gateway does not exist', asleep, { isGatewayMissing: true }, true],
  ['zero where a fallback would start pods', asleep, { isGatewayMissing: true, hasFallback: true }, false],
  ['zero where nobody looked for a fallback', asleep, { isGatewayMissing: true, hasFallback: undefined }, false],
  ['zero where the gateway merely can not be read', asleep, {}, false],
  ['what runs says, while something runs', { ...asleep, replicas: 1, readable: 1 }, { isGatewayMissing: true }, false],
])('is, at zero replicas, %s', (_name, seen, context, isError) => {
  expect(told(seen, context)).toEqual(isError ? undefined : { metricValue: 0, active: false });
});

it('is the decision itself where there is one, whatever was before', () => {
  const seen: Observation = {
    ...blind,
    readable: 4,
    unreadable: 0,
    now: { low: 7, high: 7 },
    windowed: { low: 7, high: 7 },
  };
  for (const context of [
    served,
    { wasActive: undefined, hasFallback: undefined, isListDoubtful: true, isGatewayMissing: true },
  ]) {
    expect(told(seen, context)).toEqual({ metricValue: 7, active: false });
  }
});

/** A view of a surge of one beside 40, for which no value makes the HPA keep 40. */
const large: HpaView = {
  kind: 'average-value',
  sight: { specReplicas: 40, statusReplicas: [41, 40], readyReplicas: 40, tolerances: [defaultHpaTolerance] },
  isErrorSafe: true,
  justReplicas: 40,
  minReplicas: 1,
  maxReplicas: 100,
};
const small: HpaView = {
  ...large,
  sight: { ...large.sight, specReplicas: 4, statusReplicas: [5, 4] },
  justReplicas: 4,
};
const read = (replicas: number, load: number): Observation => ({
  ...blind,
  replicas,
  readable: replicas,
  unreadable: 0,
  now: { low: load, high: load },
  windowed: { low: load, high: load },
});

it.each<[string, Observation, HpaView, number | undefined]>([
  ['a hold, beside a surge that a value can answer', blind, small, 40],
  ['a value read exactly, beside the same', read(4, 43), small, 40],
  [
    'a hold, where only an error keeps the size',
    { ...blind, replicas: 40, windowed: { low: 0, high: 400 } },
    large,
    undefined,
  ],
  ['a value read exactly, where only an error keeps the size', read(40, 400), large, undefined],
  ['a value that asks for another size whatever the surge', read(40, 200), large, 200],
])('makes the HPA keep or change what is decided: %s', (_name, seen, hpa, want) => {
  expect(told(seen, { hpa })?.metricValue).toBe(want);
});

it.each<[string, Observation, number]>([
  ['what is read stands', read(42, 400), 400],
  ['what is not known is the size before the surge', { ...blind, replicas: 42, windowed: { low: 0, high: 460 } }, 400],
  [
    'what is known of it at least is told',
    {
      ...blind,
      replicas: 42,
      readable: 41,
      unreadable: 1,
      now: { low: 410, high: 420 },
      windowed: { low: 410, high: 425 },
    },
    410,
  ],
])(
  'where an error could be taken for idleness %s, so that the HPA does not climb on its own surge',
  (_name, seen, want) => {
    const sight = { ...large.sight, specReplicas: 42, statusReplicas: [43] };
    expect(told(seen, { hpa: { ...large, sight, isErrorSafe: false } })?.metricValue).toBe(want);
  },
);

it('never tells an error where there is nothing to keep', () => {
  const sight = { ...large.sight, specReplicas: 0 };
  expect(told(read(0, 0), { hpa: { ...large, sight } })).toEqual({ metricValue: 0, active: false });
});
