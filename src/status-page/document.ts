import type { Html } from './html.ts';
import { html, ownMarkup } from './html.ts';
import type { StatusQuery } from './query.ts';
import { queryWith } from './query.ts';
import type { Mark } from './state-words.ts';
import { stateIcon, stateMark } from './state-words.ts';
import type { ProcessStatus } from './status-text.ts';
import { styleSheet } from './style.ts';
import { spanWords } from './words.ts';

/** What every status page knows. */
export interface PageContext {
  readonly process: ProcessStatus;
  readonly query: StatusQuery;
  /** Relative way to where `status` is, so that links survive a proxy's prefix: empty or `../`, repeated. */
  readonly root: string;
  readonly madeAt: Date;
}

export interface PageParts {
  /** Says the state first. */
  readonly title: string;
  /** The worst there is on the page. */
  readonly mark: Mark;
  readonly main: Html;
}

const refreshEverySeconds = 5;
const styleElement = ownMarkup(`<style>${styleSheet}</style>`);

/** One whole page. It loads nothing and runs nothing. */
export function renderDocument(parts: PageParts, context: PageContext): string {
  const { query, process } = context;
  return `<!doctype html>\n${html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
${query.refreshSeconds !== undefined && html`<meta http-equiv="refresh" content="${query.refreshSeconds}">`}
<title>${parts.title} · keda-llm-scaler</title>
<link rel="icon" href="${stateIcon(parts.mark)}">
${styleElement}
</head>
<body>
<a class="skip" href="#main">Skip to content</a>
<header>
<strong>keda-llm-scaler</strong> <span>${process.version}</span>
${process.ready ? stateMark('active', 'Ready') : stateMark('holding', `Not ready: ${process.why ?? 'unknown'}`)}
</header>
<main id="main" tabindex="-1">
${parts.main}
</main>
${footer(context)}
</body>
</html>`}\n`;
}

function footer({ query, process, madeAt }: PageContext): Html {
  const iso = `${madeAt.toISOString().slice(0, 19)}Z`;
  const refreshing = query.refreshSeconds;
  const toggle =
    refreshing === undefined
      ? html`<a href="${queryWith(query, { refreshSeconds: refreshEverySeconds, page: query.page })}">Refresh every ${refreshEverySeconds} s</a>`
      : html`<a href="${queryWith(query, { refreshSeconds: undefined, page: query.page })}">Stop refreshing every ${refreshing} s</a>`;
  return html`<footer>
<span>As of <time datetime="${iso}">${iso.replace('T', ' ').replace('Z', ' UTC')}</time></span>
<span>Up for ${spanWords(process.uptimeSeconds * 1000)}</span>
${toggle}
<a href="?format=json">The same as JSON</a>
</footer>`;
}
