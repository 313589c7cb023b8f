import type { RefusedTrigger } from '../triggers/refusals.ts';
import { hrefOf } from './href.ts';
import type { Html } from './html.ts';
import { html } from './html.ts';
import { stateMark } from './state-words.ts';
import type { Column } from './table.ts';
import { table } from './table.ts';
import { countWords, literalWords, shortened, spanWords } from './words.ts';

/** More than this are left out, and said to be. */
export const MOST_REFUSED = 50;

/** The questions that were refused, with the words KEDA got. Nothing where there are none. */
export function refusedPart(refused: readonly RefusedTrigger[], root: string): Html | undefined {
  if (refused.length === 0) return undefined;
  const leftOut = refused.length - MOST_REFUSED;
  const caption = `${countWords(refused.length, 'trigger')} not followed, the last asked about first`;
  return html`<section aria-label="Refused">
<h2>Refused ${stateMark('invalid', 'Not followed')}</h2>
${table(caption, columns(root), refused.slice(0, MOST_REFUSED))}
${leftOut > 0 && html`<p>${leftOut} more are left out here and stand in the JSON.</p>`}
<p class="quiet small">Mend the ScaledObject’s metadata: KEDA’s next question tells. KEDA asks ever less often, after a
quarter of an hour in the end; an edit makes it ask at once. What is not asked about again goes from here in 30 minutes.</p>
</section>`;
}

function columns(root: string): readonly Column<RefusedTrigger>[] {
  return [
    { title: 'ScaledObject', kind: 'name', cell: (refused) => nameCell(root, refused) },
    { title: 'Reason', cell: ({ reason }) => literalWords(reason) },
    { title: 'What KEDA was told', kind: 'prose', cell: ({ detail }) => html`<bdi>${shortened(detail, 1000)}</bdi>` },
    { title: 'Asked', kind: 'figure', cell: ({ askedAgoMs }) => `${spanWords(askedAgoMs)} ago` },
  ];
}

function nameCell(root: string, { namespace, scaledObject }: RefusedTrigger): Html {
  return html`<a href="${hrefOf(root, namespace, scaledObject)}"><bdi>${namespace}</bdi>/<bdi>${scaledObject}</bdi></a>`;
}
