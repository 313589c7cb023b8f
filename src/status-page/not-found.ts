import type { PageContext } from './document.ts';
import { renderDocument } from './document.ts';
import { hrefOf } from './href.ts';
import type { Html } from './html.ts';
import { html } from './html.ts';
import type { ObjectName } from './status-text.ts';
import { shortened } from './words.ts';

/** For somebody who asked for a ScaledObject that is not followed. `nearest` are `namespace/name` that are. */
export function renderNotFound(asked: ObjectName, nearest: readonly ObjectName[], context: PageContext): string {
  const main = html`<nav aria-label="You are here" class="small"><a href="${context.root}status">All triggers</a></nav>
<h1>Not followed</h1>
<p class="lead">KEDA has not asked about <b><bdi>${shortened(`${asked.namespace}/${asked.name}`, 200)}</bdi></b> lately.</p>
${nearest.length > 0 && html`<h2>Did you mean</h2><ul>${nearest.map((known) => html`<li>${linkTo(known, context.root)}</li>`)}</ul>`}
<p class="quiet">A trigger appears with KEDA’s first question and goes when KEDA has stopped asking.
Where this scaler has several replicas, KEDA may be asking another one: each knows only what it is asked.</p>`;
  return renderDocument({ title: 'Not followed', mark: 'invalid', main }, context);
}

function linkTo({ namespace, name }: ObjectName, root: string): Html {
  return html`<a href="${hrefOf(root, namespace, name)}"><bdi>${namespace}</bdi>/<bdi>${name}</bdi></a>`;
}
