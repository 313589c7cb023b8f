import { HPA_TOLERANCE } from '../keda/hpa-proposal.ts';
import type { TriggerStatus } from '../triggers/trigger-status.ts';
import { boundsWords, countWords, numberWords, percentWords, spanWords, wantedWords } from './words.ts';

/** One step of the way to the number of replicas. */
export interface Step {
  readonly name: string;
  readonly how: string;
  /** One figure, or both ends of what is possible. */
  readonly number: string;
  /** Whether it is what the steps before lead to. */
  readonly isResult: boolean;
}

type Bounds = NonNullable<TriggerStatus['now']>;

/** Every step from what the endpoints say to what the autoscaler will want, in order, with the numbers filled in. */
export function calculationOf(trigger: TriggerStatus): readonly Step[] {
  if (!trigger.discoverySynced)
    return [step('Endpoints', 'their list is not known', undefined), ...resultSteps(trigger)];
  return [
    step('Endpoints', endpointsWords(trigger), endpointsTotal(trigger)),
    ...gatewaySteps(trigger),
    step('Now', 'everything together, at this moment', trigger.now),
    ...windowSteps(trigger),
    ...resultSteps(trigger),
  ];
}

function step(name: string, how: string, bounds: Bounds | undefined): Step {
  return { name, how, number: bounds === undefined ? 'unknown' : boundsWords(bounds), isResult: false };
}

const aggregations: Readonly<Record<TriggerStatus['aggregation'], string>> = {
  sum: 'sum',
  mean: 'mean',
  max: 'largest',
};

function endpointsWords(trigger: TriggerStatus): string {
  const { endpoints, aggregation, endpointsBeyondLimit } = trigger;
  const states = ['read', 'stale', 'unreadable', 'not-serving'] as const;
  const parts = states.map((state) => {
    const count = endpoints.filter((endpoint) => endpoint.state === state).length;
    return count === 0 ? '' : `${count} ${state.replace('-', ' ')}`;
  });
  parts.push(endpointsBeyondLimit === 0 ? '' : `${endpointsBeyondLimit} beyond the limit`);
  const known = parts.filter((part) => part !== '').join(', ');
  return known === '' ? 'there are none' : `${aggregations[aggregation]} over all: ${known}`;
}

/** At zero replicas those that are ending don't count: what they finish needs no replica. */
function endpointsTotal(trigger: TriggerStatus): Bounds {
  const { endpoints, replicas, targetValue, endpointsBeyondLimit, aggregation } = trigger;
  const counted = endpoints
    .filter(({ state, phase }) => state !== 'not-serving' && (replicas !== 0 || phase !== 'terminating'))
    .map(({ bounds }) => bounds);
  for (let left = endpointsBeyondLimit; left > 0; left--) counted.push({ low: 0, high: targetValue });
  const share = aggregation === 'mean' ? Math.max(1, Math.min(counted.length, replicas || counted.length)) : 1;
  return { low: total(counted, 'low', aggregation) / share, high: total(counted, 'high', aggregation) / share };
}

function total(all: readonly Bounds[], end: keyof Bounds, aggregation: TriggerStatus['aggregation']): number {
  let sum = 0;
  let largest = 0;
  for (const bounds of all) {
    sum += bounds[end];
    largest = Math.max(largest, bounds[end]);
  }
  return aggregation === 'max' ? largest : sum;
}

function gatewaySteps({ gateway, metric }: TriggerStatus): readonly Step[] {
  if (gateway === undefined) return [];
  const { held, inFlight, state, sharedWith, isGivenUp } = gateway;
  if (metric !== 'concurrency' && metric !== 'waiting') {
    return [
      {
        name: 'In front',
        how: 'not counted: the metric’s unit is not requests',
        number: numberWords(0),
        isResult: false,
      },
    ];
  }
  const known = `${numberWords(held)} held, which add; ${numberWords(inFlight)} in flight, which replace a smaller number of the endpoints`;
  const shared = sharedWith === 0 ? known : `${known}; the share beside ${countWords(sharedWith, 'other workload')}`;
  const more = isGivenUp ? 'it never could be read, so it counts as nothing' : `${state}, so more is possible`;
  const how = state === 'read' ? shared : `${shared}; ${more}`;
  return [{ name: 'In front', how, number: numberWords(held + inFlight), isResult: false }];
}

function windowSteps({ windows, windowed, metric }: TriggerStatus): readonly Step[] {
  if (metric === 'timeToFirstToken') {
    return [step('Window', `a mean over ${spanWords(windows.windowMs)} already`, windowed)];
  }
  return [
    step(`Mean over ${spanWords(windows.windowMs)}`, 'the window: falls slowly', windows.stable),
    step(`Mean over ${spanWords(windows.burstWindowMs)}`, 'the burst window: rises fast', windows.burst),
    step(
      'Larger of both',
      'all that is held while nothing serves; and what can’t be read now stays possible in full',
      windowed,
    ),
  ];
}

function resultSteps(trigger: TriggerStatus): readonly Step[] {
  const { metricValue, noChangeValue, targetValue, replicas = 0, aggregation } = trigger;
  if (trigger.decision === 'hold') {
    return [{ name: 'Value', how: 'none while holding', number: numberWords(undefined), isResult: true }];
  }
  const product = `${countWords(replicas, 'replica')} × target ${numberWords(targetValue)}`;
  const noChange = aggregation === 'sum' ? product : 'the target itself';
  return [
    {
      name: 'No change',
      how: `${noChange}: the value that keeps what there is`,
      number: numberWords(noChangeValue),
      isResult: false,
    },
    { name: 'Value', how: settledWords(trigger), number: numberWords(metricValue), isResult: true },
    ...toldSteps(trigger),
    { name: 'Replicas wanted', how: wantedHow(trigger), number: wantedWords(trigger), isResult: true },
  ];
}

/** Why there is no answer, and what that means. */
export function holdWords({ holdReason, unreadable, told }: TriggerStatus): string {
  const isError = told === undefined;
  const kept = isError
    ? 'KEDA is told UNAVAILABLE and keeps the count, or uses the ScaledObject’s fallback'
    : 'it was active before, so KEDA is told no change: it can take an error for idleness';
  switch (holdReason) {
    case 'discovery-not-synced':
      return `the endpoints are not known yet; ${kept}`;
    case 'nothing-readable':
      return `${unreadable === 1 ? 'the only endpoint can’t' : `none of ${unreadable} endpoints can`} be read and nothing is held in front; ${kept}`;
    case undefined:
      return `no cycle has come to an end; ${kept}`;
  }
}

function settledWords({ settledBy, windowed }: TriggerStatus): string {
  if (windowed === undefined) return 'the endpoints are not known';
  const span = `${numberWords(windowed.low)} to ${numberWords(windowed.high)}`;
  switch (settledBy) {
    case 'no-change':
      return `anything from ${span} is possible, “no change” too, so “no change” is said`;
    case 'lower-bound':
      return `anything from ${span} is possible; even the least is above “no change”, so the least is said`;
    case 'upper-bound':
      return `anything from ${span} is possible; even the most is below “no change”, so the most is said`;
    default:
      return 'everything was read, so it is exact';
  }
}

/** Where a rollout makes the autoscaler see more replicas than are asked for, or fewer ready ones. */
function toldSteps({ told, metricValue, hpa, replicas }: TriggerStatus): readonly Step[] {
  if (hpa === undefined || told?.metricValue === metricValue) return [];
  const counts =
    hpa.metricType === 'Value'
      ? `the autoscaler multiplies the ${numberWords(hpa.readyReplicas)} that are ready`
      : `the autoscaler counts ${numberWords(hpa.statusReplicas)}, those of a rollout among them`;
  const how = told === undefined ? `${counts}: only an error makes it keep ${numberWords(replicas)}` : counts;
  return [{ name: 'Told', how, number: told ? numberWords(told.metricValue) : 'an error', isResult: true }];
}

function wantedHow(trigger: TriggerStatus): string {
  const { targetValue, replicas = 0, active, told, hpa } = trigger;
  if (replicas === 0) return active ? 'active at zero: KEDA starts one' : 'inactive at zero: none is started';
  if (told === undefined && hpa !== undefined) return 'kept upon an error';
  const value = (hpa && told?.metricValue) ?? trigger.metricValue ?? 0;
  const quotient = `${numberWords(value)} ÷ ${numberWords(targetValue)} = ${numberWords(value / targetValue)}`;
  const limits = hpa === undefined ? 'before the ScaledObject’s limits and behavior' : 'before its behavior’s waits';
  const tolerated = toleratedWords(trigger, value);
  if (tolerated !== undefined) return `${quotient}, ${tolerated}; ${limits}`;
  if (!isAverage(trigger)) return `${quotient} times the replicas that the autoscaler counts as ready`;
  return `${quotient}, rounded up; ${limits}`;
}

function isAverage({ hpa, aggregation }: TriggerStatus): boolean {
  return hpa === undefined ? aggregation === 'sum' : hpa.metricType === 'AverageValue';
}

function toleratedWords(trigger: TriggerStatus, value: number): string | undefined {
  const { targetValue, hpa, replicas = 0 } = trigger;
  if (hpa === undefined && !isAverage(trigger)) return undefined;
  const { statusReplicas = replicas, toleranceUpRatio: up = HPA_TOLERANCE } = hpa ?? {};
  const { toleranceDownRatio: down = HPA_TOLERANCE } = hpa ?? {};
  const ratio = value / (isAverage(trigger) ? targetValue * statusReplicas : targetValue);
  if (ratio < 1 - down || ratio > 1 + up) return undefined;
  const [share, what] = [percentWords(ratio < 1 ? down : up), isAverage(trigger) ? 'what there is' : 'the target'];
  return `within ${share} of ${what}, so left alone`;
}
