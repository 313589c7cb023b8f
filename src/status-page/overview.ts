import type { RefusedTrigger } from '../triggers/refusals.ts';
import type { Statuses } from '../triggers/statuses.ts';
import type { TriggerStatus } from '../triggers/trigger-status.ts';
import type { PageContext } from './document.ts';
import { renderDocument } from './document.ts';
import { hrefOf } from './href.ts';
import type { Html } from './html.ts';
import { html } from './html.ts';
import { overviewFilter } from './overview-filter.ts';
import type { Shown, StatusQuery } from './query.ts';
import { queryWith } from './query.ts';
import { refusedPart } from './refused.ts';
import type { Mark } from './state-words.ts';
import { markWords, stateMark } from './state-words.ts';
import type { Column } from './table.ts';
import { dash, table } from './table.ts';
import type { JudgedTrigger } from './trigger-state.ts';
import { judged, needsAttention } from './trigger-state.ts';
import { countWords, numberWords, replicasWords, shortened, spanWords, wantedWords } from './words.ts';

/** Rows of one page. */
export const TRIGGERS_PER_PAGE = 100;

/** All triggers, those with problems first, and what is refused. */
export function renderOverview({ triggers, refused }: Statuses, context: PageContext): string {
  const all = judged(triggers);
  const chosen = all.filter((one) => isChosen(one, context.query));
  const attention = all.filter(needsAttention).length;
  const main = html`<h1>Triggers</h1>
<p class="lead">${leadWords(all.length, attention, refused.length)}</p>
${counts(all, context.query)}
${all.length > 0 && overviewFilter(triggers, context)}
${list(chosen, context)}
${refusedPart(chosenOf(refused, context.query), context.root)}
<p class="quiet small">A trigger appears with KEDA’s first question and goes when KEDA has stopped asking.</p>`;
  const mark = refused.length > 0 ? 'invalid' : worstOf(all);
  return renderDocument({ title: titleOf(all.length, attention, refused.length), mark, main }, context);
}

function titleOf(count: number, attention: number, refused: number): string {
  const triggers = attention > 0 ? `${attention} of ${count} need attention` : countWords(count, 'trigger');
  return refused > 0 ? `${refused} refused, ${triggers}` : triggers;
}

function leadWords(count: number, attention: number, refused: number): string {
  const more = refused === 0 ? '' : ` ${refused} ${refused === 1 ? 'is' : 'are'} refused.`;
  if (count === 0)
    return refused === 0 ? 'KEDA has not asked about any trigger yet.' : `No trigger is followed.${more}`;
  if (attention > 0) {
    return `${attention} of ${countWords(count, 'trigger')} ${attention === 1 ? 'needs' : 'need'} attention.${more}`;
  }
  return `${count === 1 ? 'The one trigger there is reports.' : `All ${count} triggers report.`}${more}`;
}

function worstOf(all: readonly JudgedTrigger[]): Mark {
  const first = all[0];
  if (first === undefined) return 'idle';
  if (first.state === 'invalid' || first.state === 'holding') return first.state;
  return needsAttention(first) ? 'warning' : first.state;
}

function isAskedFor(one: TriggerStatus | RefusedTrigger, { namespace, name }: StatusQuery): boolean {
  if (namespace !== undefined && one.namespace !== namespace) return false;
  return name === undefined || one.scaledObject.includes(name);
}

/** What is refused belongs to what is invalid. */
function chosenOf(refused: readonly RefusedTrigger[], query: StatusQuery): readonly RefusedTrigger[] {
  if (query.show !== undefined && query.show !== 'invalid') return [];
  return refused.filter((one) => isAskedFor(one, query));
}

function isChosen({ trigger, state, warnings }: JudgedTrigger, query: StatusQuery): boolean {
  const { show } = query;
  if (!isAskedFor(trigger, query)) return false;
  return show === undefined || show === state || (show === 'warning' && warnings.length > 0);
}

function counts(all: readonly JudgedTrigger[], query: StatusQuery): Html {
  const choices: readonly (Shown | undefined)[] = [undefined, 'invalid', 'holding', 'warning', 'active', 'idle'];
  return html`<nav aria-label="Triggers by state"><ul class="counts">
${choices.map((show) => {
  const count = all.filter((one) => isChosen(one, { ...query, namespace: undefined, name: undefined, show })).length;
  const current = query.show === show && html` aria-current="true"`;
  const label = show === undefined ? html`<span class="state">All</span>` : stateMark(show);
  return html`<li><a href="${queryWith(query, { show })}"${current}><b>${count}</b> ${label}</a></li>\n`;
})}</ul></nav>`;
}

function list(chosen: readonly JudgedTrigger[], context: PageContext): Html {
  if (chosen.length === 0) return html`<p>No trigger is shown.</p>`;
  const pages = Math.ceil(chosen.length / TRIGGERS_PER_PAGE);
  const page = Math.min(context.query.page, pages);
  const first = (page - 1) * TRIGGERS_PER_PAGE;
  const rows = chosen.slice(first, first + TRIGGERS_PER_PAGE);
  const caption =
    pages === 1
      ? `${countWords(chosen.length, 'trigger')}, those with problems first`
      : `${first + 1} to ${first + rows.length} of ${chosen.length} triggers, those with problems first`;
  return html`${table(caption, columns(context.root), rows)}
${pages > 1 && pageLinks(page, pages, context.query)}`;
}

function pageLinks(page: number, pages: number, query: StatusQuery): Html {
  const link = (to: number, words: string) => html`<a href="${queryWith(query, { page: to })}">${words}</a>`;
  return html`<nav class="pages" aria-label="Pages">
${page > 1 && link(page - 1, 'Previous page')}
<span>Page ${page} of ${pages}</span>
${page < pages && link(page + 1, 'Next page')}
</nav>`;
}

function columns(root: string): readonly Column<JudgedTrigger>[] {
  return [
    { title: 'Trigger', kind: 'name', cell: ({ trigger }) => nameCell(root, trigger) },
    {
      title: 'State',
      cell: ({ state, warnings }) =>
        html`${stateMark(state)}${warnings.length > 0 && html`<br>${stateMark('warning')}`}`,
    },
    { title: 'Value', kind: 'figure', cell: ({ trigger }) => numberWords(trigger.metricValue) },
    { title: 'Target', kind: 'figure', cell: ({ trigger }) => numberWords(trigger.targetValue) },
    { title: 'Replicas', kind: 'figure', cell: ({ trigger }) => replicasWords(trigger) },
    { title: 'Wanted', kind: 'figure', cell: ({ trigger }) => wantedWords(trigger) },
    { title: 'Why', kind: 'prose', cell: whyCell },
    {
      title: 'Data age',
      kind: 'figure',
      cell: ({ trigger }) => (trigger.dataAgeMs === undefined ? dash : spanWords(trigger.dataAgeMs)),
    },
  ];
}

function nameCell(root: string, { namespace, scaledObject, metric, scope }: TriggerStatus): Html {
  return html`<a href="${hrefOf(root, namespace, scaledObject)}"><bdi>${namespace}</bdi>/<bdi>${scaledObject}</bdi></a>
<span class="quiet small">${metric}${scope !== undefined && html`, <bdi>${shortened(scope, 100)}</bdi>`}</span>`;
}

function whyCell({ trigger, state, warnings }: JudgedTrigger): Html {
  const words = state === 'invalid' && trigger.problem !== undefined ? trigger.problem : trigger.why;
  return html`<span class="clamp"><bdi>${shortened(words)}</bdi></span>
${warnings.length > 0 && html`<span class="warning small">${markWords('warning')}: ${warnings.join(', ')}</span>`}`;
}
