import type { TriggerStatus } from '../triggers/trigger-status.ts';
import type { Html } from './html.ts';
import { html } from './html.ts';
import { countWords, numberWords, spanWords } from './words.ts';

/** Why KEDA is told active or inactive, and whether it listens. */
export function activityPart(trigger: TriggerStatus): Html {
  const { openPushStreams, askedAgoMs } = trigger;
  return html`<p>${activityWords(trigger)}</p>
<p class="quiet">KEDA asked ${spanWords(askedAgoMs)} ago; ${countWords(openPushStreams, 'push stream')} open.</p>`;
}

function activityWords(trigger: TriggerStatus): string {
  const { active, told, activeReason, loadNow, activationTargetValue } = trigger;
  const load = `the load now, ${numberWords(loadNow)},`;
  const threshold = `activationTargetValue ${numberWords(activationTargetValue)}`;
  if (active === undefined) {
    return told === undefined
      ? 'Not known while holding; nothing is pushed.'
      : 'Not known while holding; it was active before, so KEDA is told that it still is.';
  }
  if (!active) {
    return `Inactive: ${loadNow !== undefined && loadNow > 0 ? `${load} is not above ${threshold}.` : 'nothing runs and nothing waits.'}`;
  }
  switch (activeReason) {
    case 'load-above-activation':
      return `Active: ${load} is above ${threshold}.`;
    case 'requests-held':
      return `Active: requests are held in front, and ${load} is above ${threshold}.`;
    case 'serving':
      return 'Active: a replica is serving requests, though this metric is at zero.';
    case 'request-finished':
      return 'Active: a request finished lately, too short to be seen running.';
    case 'recently-active':
      return 'Active: idle now, but it was active within idleAfter.';
    case 'gpu-busy':
      return 'Active: a GPU is at work although its replica’s page says idle.';
    case 'starting':
      return 'Active: replicas are starting and none of them has been ready yet.';
    case 'gateway-unreadable':
      return 'Active: the gateway can’t be read, and may hold requests.';
    case undefined:
      return 'Active.';
  }
}
