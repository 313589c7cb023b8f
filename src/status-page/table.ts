import type { Html, HtmlValue } from './html.ts';
import { html } from './html.ts';

export interface Column<Row> {
  readonly title: string;
  cell(row: Row): HtmlValue;
  /** Figures stand under each other; prose takes the space there is. */
  readonly kind?: 'name' | 'figure' | 'prose';
}

/**
 * A table that becomes a list of cards where the page is narrow. The roles repeat what the elements say, because
 * elements lose theirs when their display changes.
 */
export function table<Row>(
  caption: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  classOf: (row: Row) => string = () => '',
): Html {
  return html`<table role="table">
<caption>${caption}</caption>
<thead role="rowgroup"><tr role="row">${columns.map(({ title, kind }) => {
    return html`<th role="columnheader" scope="col" class="${kind}">${title}</th>`;
  })}</tr></thead>
<tbody role="rowgroup">
${rows.map((row) => html`<tr role="row" class="${classOf(row)}">${columns.map((column) => cellOf(column, row))}</tr>\n`)}</tbody>
</table>`;
}

function cellOf<Row>({ title, kind, cell }: Column<Row>, row: Row): Html {
  if (kind === 'name') return html`<th role="rowheader" scope="row" class="name">${cell(row)}</th>`;
  return html`<td role="cell" class="${kind}" data-label="${title}"><div>${cell(row)}</div></td>`;
}

/** What is not known: a dash to the eye and a word to the ear. */
export const dash = html`<span aria-hidden="true">–</span><span class="hidden">unknown</span>`;
