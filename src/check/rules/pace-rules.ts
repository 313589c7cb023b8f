import { formatDuration } from '../../config/duration.ts';
import { kedaDefaults } from '../../keda/scaled-object.ts';
import type { CheckSettings } from '../check-settings.ts';
import type { Finding } from '../finding.ts';
import type { ScaledObjectSource } from '../scaled-object-source.ts';
import { findingOn, metadataKey, metadataSpan, specNumber, specSpan } from '../scaled-object-source.ts';
import { child, entriesOf } from '../source-node.ts';
import { goesToZero } from './zero-rules.ts';

/** Longest polling interval that still finds soon what a lost push missed, in seconds. */
const longestPollingSeconds = 10;

function secondsOf(object: ScaledObjectSource, key: 'pollingInterval' | 'cooldownPeriod'): number {
  return specNumber(object, key) ?? kedaDefaults[`${key}Ms`] / 1000;
}

/** How it was come by, for sentences. */
function writtenOf(object: ScaledObjectSource, key: 'pollingInterval' | 'cooldownPeriod'): string {
  const suffix = specNumber(object, key) === undefined ? ' s by default' : ' s';
  return `"${key}" (${secondsOf(object, key)}${suffix})`;
}

/** A poll finds what a lost push missed. */
export function pollingRule(object: ScaledObjectSource): Finding[] {
  if (object.ours.length === 0 || secondsOf(object, 'pollingInterval') <= longestPollingSeconds) return [];
  return [
    findingOn(object, {
      rule: 'polling-interval',
      severity: 'warning',
      key: 'spec.pollingInterval',
      span: specSpan(object, 'pollingInterval'),
      words: `${writtenOf(object, 'pollingInterval')} is above ${longestPollingSeconds} s: write "pollingInterval: 5"`,
      why: 'one failed call closes the push stream until a later poll opens it again: 30 s polls were measured to leave it closed for 62 s',
      mend: 'pollingInterval: 5',
    }),
  ];
}

/** A pause between two requests should not end a model that takes minutes to load. */
export function cooldownRule(object: ScaledObjectSource, { coldStartMs }: CheckSettings): Finding[] {
  if (object.ours.length === 0 || !goesToZero(object)) return [];
  const cooldown = secondsOf(object, 'cooldownPeriod');
  const told = {
    rule: 'cooldown-period',
    severity: 'warning',
    key: 'spec.cooldownPeriod',
    span: specSpan(object, 'cooldownPeriod'),
    mend: 'cooldownPeriod: 300',
  } as const;
  if (cooldown <= secondsOf(object, 'pollingInterval')) {
    const words = `${writtenOf(object, 'cooldownPeriod')} is not above ${writtenOf(object, 'pollingInterval')}: raise it`;
    const why = 'the first poll after an edit of the ScaledObject may find nothing, and a loaded workload goes to zero';
    return [findingOn(object, { ...told, words, why })];
  }
  if (cooldown * 1000 >= coldStartMs) return [];
  const words = `${writtenOf(object, 'cooldownPeriod')} is below a cold start of ${formatDuration(coldStartMs)}: raise it`;
  const why = 'each pause that is longer than it costs the next request a whole cold start';
  return [findingOn(object, { ...told, words, why })];
}

/** Between two polls an idle moment must not look idle. */
export function idleAfterRule(object: ScaledObjectSource): Finding[] {
  return object.ours.flatMap((trigger) => {
    const { parsed: metadata } = trigger;
    const pollingMs = secondsOf(object, 'pollingInterval') * 1000;
    if (metadata === undefined || metadata.idleAfterMs >= pollingMs) return [];
    // Where the ScaledObject is read, activity lingers for a polling interval at least.
    if (metadata.location.kind === 'scale-target') return [];
    return [
      findingOn(object, {
        rule: 'idle-after',
        severity: 'warning',
        key: metadataKey(trigger, 'idleAfter'),
        span: metadataSpan(trigger, 'idleAfter'),
        words: `"idleAfter" (${formatDuration(metadata.idleAfterMs)}) is below ${writtenOf(object, 'pollingInterval')}: raise it`,
        why: 'a poll between two requests sees an idle model, and the cooldown begins',
        mend: `idleAfter: "${formatDuration(Math.max(pollingMs, 60_000))}"`,
      }),
    ];
  });
}

/** A cached value is as old as the last poll. */
export function cachedMetricsRule(object: ScaledObjectSource): Finding[] {
  return object.ours.flatMap((trigger) => {
    const cached = child(trigger.node, 'useCachedMetrics');
    if (cached?.kind !== 'scalar' || cached.value !== true) return [];
    return [
      findingOn(object, {
        rule: 'cached-metrics',
        severity: 'warning',
        key: `spec.triggers[${trigger.at}].useCachedMetrics`,
        span: entriesOf(trigger.node).get('useCachedMetrics')!.key,
        words: '"useCachedMetrics" is true: leave it out',
        why: `the autoscaler then sees a value that is up to ${secondsOf(object, 'pollingInterval')} s old; ours is fresh and costs a millisecond`,
      }),
    ];
  });
}
