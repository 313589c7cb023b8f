import type { TriggerStatus } from '../triggers/trigger-status.ts';
import type { PageContext } from './document.ts';
import type { Html } from './html.ts';
import { html } from './html.ts';

/** More namespaces than this are not offered, but can be asked for in the address. */
const mostNamespaces = 200;

/** Chooses by namespace and name. An ordinary form: it needs no script. */
export function overviewFilter(triggers: readonly TriggerStatus[], { query, root }: PageContext): Html {
  const known = new Set(triggers.map((trigger) => trigger.namespace));
  if (query.namespace !== undefined) known.add(query.namespace);
  const namespaces = [...known].sort();
  const offered = namespaces.filter((namespace, at) => at < mostNamespaces || namespace === query.namespace);
  return html`<form action="${root}status" role="search" aria-label="Triggers">
<label>Namespace <select name="namespace"><option value="">All</option>
${offered.map((namespace) => {
  return html`<option value="${namespace}"${namespace === query.namespace && html` selected`}>${namespace}</option>\n`;
})}</select></label>
<label>Name contains <input name="name" value="${query.name}" maxlength="253" autocomplete="off" spellcheck="false"></label>
${query.show !== undefined && html`<input type="hidden" name="show" value="${query.show}">`}
${query.refreshSeconds !== undefined && html`<input type="hidden" name="refresh" value="${query.refreshSeconds}">`}
${query.format !== undefined && html`<input type="hidden" name="format" value="${query.format}">`}
<button>Show</button>
${namespaces.length > offered.length && html`<span class="quiet small">${namespaces.length - offered.length} more namespaces are not offered here.</span>`}
</form>`;
}
