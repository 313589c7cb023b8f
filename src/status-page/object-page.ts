import type { Statuses } from '../triggers/statuses.ts';
import type { TriggerStatus } from '../triggers/trigger-status.ts';
import { activityPart } from './activity.ts';
import type { Step } from './calculation.ts';
import { calculationOf, holdWords } from './calculation.ts';
import type { PageContext } from './document.ts';
import { renderDocument } from './document.ts';
import { endpointsPart, gatewayPart } from './endpoints.ts';
import type { Html } from './html.ts';
import { html } from './html.ts';
import { refusedPart } from './refused.ts';
import type { Mark } from './state-words.ts';
import { markWords, stateMark } from './state-words.ts';
import type { ObjectName } from './status-text.ts';
import type { Column } from './table.ts';
import { table } from './table.ts';
import type { JudgedTrigger } from './trigger-state.ts';
import { judged } from './trigger-state.ts';
import { numberWords, replicasWords, shortened, spanWords, unitWords, wantedWords } from './words.ts';

/** More triggers than this of one ScaledObject are left out, and said to be. */
export const MOST_TRIGGERS = 20;

/** Why the replica count of one ScaledObject is what it is. `own` are its triggers and what of it was refused. */
export function renderObjectPage({ namespace, name }: ObjectName, own: Statuses, context: PageContext): string {
  const all = judged(own.triggers);
  const leftOut = all.length - MOST_TRIGGERS;
  const { mark, words } = worstOf(all, own.refused.length);
  const main = html`<nav aria-label="You are here" class="small"><a href="${context.root}status">All triggers</a> ›
<a href="${context.root}status?${new URLSearchParams({ namespace }).toString()}"><bdi>${namespace}</bdi></a></nav>
<h1><bdi>${namespace}</bdi>/<bdi>${name}</bdi></h1>
${refusedPart(own.refused, context.root)}
${all.slice(0, MOST_TRIGGERS).map(triggerPart)}
${leftOut > 0 && html`<p>${leftOut} more triggers are left out here and stand in the JSON.</p>`}`;
  const title = `${words}: ${shortened(`${namespace}/${name}`, 100)}`;
  return renderDocument({ title, mark, main }, context);
}

function worstOf([worst, ...others]: readonly JudgedTrigger[], refused: number): { mark: Mark; words: string } {
  if (worst === undefined || refused > 0) return { mark: 'invalid', words: 'Refused' };
  const isOdd = [worst, ...others].some(({ warnings }) => warnings.length > 0);
  const isWarning = isOdd && (worst.state === 'active' || worst.state === 'idle');
  const words = markWords(worst.state);
  return isWarning ? { mark: 'warning', words: `${words}, with warnings` } : { mark: worst.state, words };
}

function triggerPart({ trigger, state, warnings }: JudgedTrigger): Html {
  const { metric, metricName, scope, gateway, why, problem } = trigger;
  return html`<section aria-label="${metricName}">
<h2>${metric} ${stateMark(state)}</h2>
<p class="quiet small">${scope !== undefined && html`<bdi>${shortened(scope)}</bdi>; `}${unitWords(metric)}; to KEDA it is <bdi>${metricName}</bdi></p>
<p class="lead why ${state}"><bdi class="prose">${shortened(why, 1000)}</bdi></p>
${problem !== undefined && !why.includes(problem) && html`<p class="${state === 'invalid' ? 'invalid' : 'warning'}"><bdi>${shortened(problem, 1000)}</bdi></p>`}
${warnings.length > 0 && html`<p class="warning">${stateMark('warning', 'Warning:')} ${warnings.join(', ')}.</p>`}
${figures(trigger)}
<h3>How the number comes about</h3>
${table('From what was read to what is wanted', stepColumns, calculationOf(trigger), ({ isResult }) => (isResult ? 'result' : ''))}
<h3>Active or not</h3>
${activityPart(trigger)}
<h3>Endpoints</h3>
${endpointsPart(trigger)}
${gateway !== undefined && html`<h3>In front</h3>\n${gatewayPart(gateway)}`}
<h3>Last changes</h3>
${changesPart(trigger)}
</section>`;
}

function figures(trigger: TriggerStatus): Html {
  const { metricValue, told, targetValue, decision, dataAgeMs, readable, unreadable, discoverySynced } = trigger;
  const isHold = decision === 'hold';
  const list: [term: string, figure: string, beside: string][] = [
    ['Replicas now', replicasWords(trigger), ''],
    ['Replicas wanted', wantedWords(trigger), isHold ? 'holding' : ''],
    ['Value', numberWords(metricValue), isHold ? toldWords(told) : ''],
    ['Target for each', numberWords(targetValue), ''],
    ['Endpoints read', discoverySynced ? `${readable} of ${readable + unreadable}` : 'unknown', ''],
    ['Oldest reading', spanWords(dataAgeMs), ''],
  ];
  return html`<dl class="figures">
${list.map(([term, value, beside]) => html`<div><dt>${term}</dt><dd><b>${value}</b>${beside}</dd></div>\n`)}</dl>
${isHold && html`<p>Holding: ${holdWords(trigger)}.</p>`}`;
}

function toldWords(told: TriggerStatus['told']): string {
  return told === undefined ? 'UNAVAILABLE to KEDA' : `to KEDA no change, ${numberWords(told.metricValue)}`;
}

const stepColumns: readonly Column<Step>[] = [
  { title: 'Step', kind: 'name', cell: ({ name }) => name },
  { title: 'How', kind: 'prose', cell: ({ how }) => how },
  { title: 'Number', kind: 'figure', cell: ({ number }) => number },
];

function changesPart({ changes }: TriggerStatus): Html {
  if (changes.length === 0) return html`<p>None yet.</p>`;
  return table('The newest first', changeColumns, [...changes].reverse());
}

const changeColumns: readonly Column<TriggerStatus['changes'][number]>[] = [
  { title: 'When', kind: 'name', cell: ({ agoMs }) => `${spanWords(agoMs)} ago` },
  { title: 'Value', kind: 'figure', cell: ({ metricValue }) => numberWords(metricValue) },
  { title: 'Active', cell: ({ active }) => (active === undefined ? 'unknown' : active ? 'active' : 'inactive') },
  { title: 'Why', kind: 'prose', cell: ({ why }) => html`<bdi>${shortened(why)}</bdi>` },
];
