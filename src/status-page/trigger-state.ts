import type { TriggerStatus } from '../triggers/trigger-status.ts';
import { countWords, literalWords } from './words.ts';

export const triggerStates = ['invalid', 'holding', 'active', 'idle'] as const;
/** What a person sees first of a trigger. `invalid`: what it names does not exist. `idle`: not active. */
export type TriggerState = (typeof triggerStates)[number];

export function stateOf(trigger: TriggerStatus): TriggerState {
  if (trigger.invalid) return 'invalid';
  if (trigger.decision === 'hold') return 'holding';
  return trigger.active ? 'active' : 'idle';
}

/** What deserves a look although there is an answer, a few words each. */
export function warningsOf(trigger: TriggerStatus): readonly string[] {
  const { unreadable, gateway, endpoints, endpointsBeyondLimit, activeReason } = trigger;
  const suspects = endpoints.filter((endpoint) => endpoint.suspect).length;
  const hasOwnWords = stateOf(trigger) === 'invalid' || stateOf(trigger) === 'holding';
  const warnings: [applies: boolean, words: string][] = [
    [trigger.problem !== undefined && !hasOwnWords, 'the list of endpoints can’t be renewed'],
    [unreadable > 0 && !hasOwnWords, `${countWords(unreadable, 'endpoint')} unreadable`],
    [endpointsBeyondLimit > 0, `${countWords(endpointsBeyondLimit, 'endpoint')} beyond the limit`],
    [gateway !== undefined && gateway.state !== 'read', `gateway ${literalWords(gateway?.state ?? '')}`],
    [suspects > 0, `${countWords(suspects, 'endpoint')} suspect`],
    [activeReason === 'gpu-busy', 'GPU busy under an idle page'],
  ];
  return warnings.filter(([applies]) => applies).map(([, words]) => words);
}

/** A trigger with what a page says of it. */
export interface JudgedTrigger {
  readonly trigger: TriggerStatus;
  readonly state: TriggerState;
  readonly warnings: readonly string[];
}

/** All triggers, those with problems first, then by name. */
export function judged(triggers: readonly TriggerStatus[]): readonly JudgedTrigger[] {
  const all = triggers.map((trigger) => ({ trigger, state: stateOf(trigger), warnings: warningsOf(trigger) }));
  return all.sort((a, b) => rank(a) - rank(b) || compare(nameOf(a), nameOf(b)));
}

/** True for what a person has to look at. */
export function needsAttention({ state, warnings }: JudgedTrigger): boolean {
  return state === 'invalid' || state === 'holding' || warnings.length > 0;
}

function rank(one: JudgedTrigger): number {
  const { state } = one;
  if (state === 'invalid' || state === 'holding') return triggerStates.indexOf(state);
  return needsAttention(one) ? 2 : 3 + triggerStates.indexOf(state);
}

function nameOf({ trigger }: JudgedTrigger): string {
  return `${trigger.namespace}/${trigger.scaledObject}/${trigger.metricName}`;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
