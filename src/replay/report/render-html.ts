import type { Comparison, PolicyRow } from './comparison.ts';
import { pageScript } from './page-script.ts';
import { pageStyle } from './page-style.ts';
import { headOf } from './render-table.ts';

/** The comparison as one page that is whole in itself: nothing is loaded from anywhere. */
export function renderHtml(comparison: Comparison): string {
  const [title = '', ...rest] = headOf(comparison);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${escapeHtml(comparison.title)}: policies compared</title>
<style>${pageStyle}</style>
</head>
<body>
<main>
<h1>${escapeHtml(comparison.title)}: what each policy keeps and costs</h1>
<p>${escapeHtml(title.slice(comparison.title.length + 2))}</p>
${rest.map((line) => `<p class="quiet">${escapeHtml(line)}</p>`).join('\n')}
<section><p class="answer">${escapeHtml(answerOf(comparison))}</p></section>
<section><h2>Cost against attainment</h2>
<p class="quiet">The line is what can be had with all of the future known. The dotted line is the wanted share of requests in the SLO.</p>
<div id="cost" data-label="GPU-hours of each policy against its share of requests in the SLO"></div></section>
<section class="wide" tabindex="0" aria-label="All figures"><h2>All figures</h2>${table(comparison)}</section>
<section><h2>Over time</h2><div id="keys" class="keys"></div>
<h3>Requests a second</h3><div id="load" data-label="Requests a second over time"></div>
<h3>Replicas asked for</h3><div id="replicas" data-label="Replicas of the chosen policies over time"></div>
<h3>Time to first token, 95th percentile</h3><div id="first" data-label="Time to first token over time"></div>
<h3>Requests in the system</h3><div id="open" data-label="Open requests over time"></div></section>
<noscript><p>The plots need JavaScript; the figures above do not.</p></noscript>
</main>
<script type="application/json" id="data">${embedded(comparison)}</script>
<script>${pageScript}</script>
</body>
</html>
`;
}

/** What the page says first: the cheapest policy that keeps what is wanted. */
export function answerOf({ policies, oracle, wanted: share }: Comparison): string {
  const wanted = `${percent(share)} of requests in the SLO`;
  const able = policies.filter(({ attainment }) => attainment >= share);
  const cheapest = able.toSorted((a, b) => a.gpuHours - b.gpuHours)[0];
  if (cheapest !== undefined) {
    return `Cheapest that keeps ${wanted}: ${cheapest.name}, ${cheapest.gpuHours.toFixed(2)} GPU-hours${timesOracle(cheapest)}.`;
  }
  const best = policies.toSorted((a, b) => b.attainment - a.attainment)[0];
  const nearest = best === undefined ? '' : ` ${best.name} comes nearest with ${percent(best.attainment)}.`;
  const why =
    oracle?.isReached !== false
      ? ''
      : ' Not even all of the future known would: bursts are shorter than a start, or requests too long for the SLO.';
  return `No policy here keeps ${wanted}.${nearest}${why}`;
}

function timesOracle({ timesOracle: times }: PolicyRow): string {
  return times === null ? '' : `, ${times.toFixed(2)} times the best possible`;
}

const columns: readonly (readonly [string, (row: PolicyRow) => string])[] = [
  ['in SLO', ({ attainment }) => percent(attainment)],
  ['GPU-hours', ({ gpuHours }) => gpuHours.toFixed(2)],
  ['× oracle', ({ timesOracle }) => timesOracle?.toFixed(2) ?? '–'],
  ['TTFT p50', ({ ttftSeconds }) => seconds(ttftSeconds.p50)],
  ['p95', ({ ttftSeconds }) => seconds(ttftSeconds.p95)],
  ['p99', ({ ttftSeconds }) => seconds(ttftSeconds.p99)],
  ['TPOT p50', ({ tpotSeconds }) => milliseconds(tpotSeconds.p50)],
  ['p95', ({ tpotSeconds }) => milliseconds(tpotSeconds.p95)],
  ['p99', ({ tpotSeconds }) => milliseconds(tpotSeconds.p99)],
  ['resizes', ({ scaleEvents }) => String(scaleEvents)],
  ['peak', ({ peakReplicas }) => String(peakReplicas)],
  ['timed out', ({ timedOut, givenUp }) => String(timedOut + givenUp)],
  ['lost', ({ lost, unfinished }) => String(lost + unfinished)],
];

function table({ policies, oracle }: Comparison): string {
  const head = `<tr><th scope="col">policy</th>${columns.map(([name]) => `<th scope="col">${name}</th>`).join('')}</tr>`;
  const rows = policies.map(
    (row) =>
      `<tr><td title="${escapeHtml(row.rule)}">${escapeHtml(row.name)}</td>${columns.map(([, of]) => `<td>${of(row)}</td>`).join('')}</tr>`,
  );
  const best =
    oracle &&
    `<tr class="best"><td>oracle</td><td>${percent(oracle.attainment)}</td><td>${oracle.gpuHours.toFixed(2)}</td><td>1.00</td><td colspan="${columns.length - 3}"></td></tr>`;
  return `<table><thead>${head}</thead><tbody>${rows.join('\n')}${best ?? ''}</tbody></table>`;
}

/** As JSON that can't end the element it stands in. */
function embedded({ policies, ...rest }: Comparison): string {
  const rows = policies.map(({ timeline, ...row }) => ({
    ...row,
    timeline: {
      replicas: timeline.map((point) => point.replicas),
      open: timeline.map((point) => point.open),
      firstTokenP95: timeline.map(({ firstTokenP95Ms: ms }) =>
        ms === undefined ? null : Number((ms / 1000).toPrecision(3)),
      ),
    },
  }));
  return JSON.stringify({ ...rest, policies: rows }).replaceAll('<', '\\u003c');
}

function escapeHtml(text: string): string {
  const names: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (character) => names[character]!);
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`;
}

function seconds(value: number | null): string {
  return value === null ? '–' : `${value.toFixed(value < 10 ? 2 : 0)} s`;
}

function milliseconds(value: number | null): string {
  return value === null ? '–' : `${(value * 1000).toFixed(0)} ms`;
}
