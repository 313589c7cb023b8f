import type { EndpointStatus, GatewayStatus, TriggerStatus } from '../triggers/trigger-status.ts';
import type { Html, HtmlValue } from './html.ts';
import { html } from './html.ts';
import type { Column } from './table.ts';
import { dash, table } from './table.ts';
import {
  boundsWords,
  bytesWords,
  countWords,
  literalWords,
  numberWords,
  percentWords,
  shortened,
  spanWords,
  urlWords,
} from './words.ts';

/** Rows of one table of endpoints. */
export const MOST_ENDPOINTS = 200;

/** What each replica said, and when: those that can't be read first. */
export function endpointsPart({ endpoints, endpointsBeyondLimit, discoverySynced }: TriggerStatus): Html {
  if (endpoints.length === 0) return html`<p>${discoverySynced ? 'There are none.' : 'Not known.'}</p>`;
  const rank = ({ state, suspect }: EndpointStatus) => (suspect ? 1.5 : ranks[state]);
  const sorted = [...endpoints].sort((a, b) => rank(a) - rank(b));
  const leftOut = Math.max(0, sorted.length - MOST_ENDPOINTS);
  return html`${table(captionOf(sorted.length, leftOut), endpointColumns, sorted.slice(0, MOST_ENDPOINTS))}
${endpointsBeyondLimit > 0 && html`<p>${countWords(endpointsBeyondLimit, 'more endpoint')} beyond --max-endpoints-per-trigger, not read.</p>`}`;
}

const ranks: Readonly<Record<EndpointStatus['state'], number>> = { unreadable: 0, stale: 1, read: 2, 'not-serving': 3 };

function captionOf(count: number, leftOut: number): string {
  const all = count === 1 ? '1 endpoint' : `${count} endpoints, those that can’t be read first`;
  return leftOut === 0 ? all : `${all}; ${leftOut} are left out here and stand in the JSON`;
}

const endpointColumns: readonly Column<EndpointStatus>[] = [
  { title: 'Endpoint', kind: 'name', cell: nameCell },
  { title: 'State', cell: stateCell },
  { title: 'Running', kind: 'figure', cell: ({ running }) => figure(running) },
  { title: 'Waiting', kind: 'figure', cell: ({ waiting }) => figure(waiting) },
  { title: 'Counts', kind: 'figure', cell: ({ bounds }) => boundsWords(bounds) },
  { title: 'Read', kind: 'figure', cell: ageCell },
  { title: 'Said', kind: 'prose', cell: saidCell },
];

function figure(value: number | undefined): HtmlValue {
  return value === undefined ? dash : numberWords(value);
}

function ageCell({ ageMs, scrapeDurationMs, bodyBytes }: EndpointStatus): HtmlValue {
  if (ageMs === undefined) return 'never';
  const took = scrapeDurationMs === undefined ? undefined : `in ${Math.round(scrapeDurationMs)} ms`;
  const size = bodyBytes === undefined ? undefined : bytesWords(bodyBytes);
  return html`${spanWords(ageMs)} ago<small>${[took, size].filter((part) => part !== undefined).join(', ')}</small>`;
}

function nameCell({
  name,
  url,
  node,
}: {
  readonly name: string;
  readonly url?: string | undefined;
  readonly node?: string | undefined;
}): Html {
  const shown = url === undefined ? undefined : urlWords(url);
  return html`<bdi>${urlWords(name)}</bdi>${shown !== undefined && shown !== urlWords(name) && html`<br><bdi class="quiet small">${shown}</bdi>`}
${node !== undefined && html`<br><span class="quiet small">on <bdi>${shortened(node)}</bdi></span>`}`;
}

function stateCell({ state, phase, suspect, suspectIgnored, asleep }: EndpointStatus): Html {
  const kind = state === 'unreadable' || state === 'stale' ? 'warning' : '';
  const beside = [
    phase === 'ready' ? '' : phase,
    suspect ? `suspect: claims requests but stands still${suspectIgnored ? ', and no longer counts' : ''}` : '',
    asleep ? 'asleep' : '',
  ];
  const more = beside.filter((words) => words !== '');
  return html`<span class="${kind}">${literalWords(state)}</span>${more.length > 0 && html`<br><span class="quiet small">${more.join(', ')}</span>`}`;
}

function saidCell(endpoint: EndpointStatus): Html {
  const { failure, detail, problems, latencySums, engine, models } = endpoint;
  return html`${failure !== undefined && failureWords(failure, detail)}${problems.map((problem) => html`<bdi>${shortened(problem)}</bdi><br>`)}
${latencySums !== undefined && html`${latencySums.words}<br>`}<span class="quiet small">${engine ?? 'engine unknown'}${models.length > 0 && html`: ${modelList(models)}`}${facts(endpoint)}</span>`;
}

function failureWords(failure: string, detail: string | undefined): Html {
  return html`<b>${failure}</b>${detail !== undefined && html`: <bdi>${shortened(detail)}</bdi>`}<br>`;
}

/** Names of one endpoint's models that are shown. */
const mostModels = 8;

function modelList(models: readonly string[]): HtmlValue {
  const shown = models
    .slice(0, mostModels)
    .map((model, at) => html`${at > 0 && ', '}<bdi>${shortened(model, 120)}</bdi>`);
  return models.length > mostModels ? [...shown, ` and ${models.length - mostModels} more`] : shown;
}

function facts({ capacity, kvCacheRatio, gpuUtilizationRatio, gpuMemoryRatio, gpuXids }: EndpointStatus): string {
  const known = [
    capacity === undefined ? '' : `room for ${numberWords(capacity)}`,
    kvCacheRatio === undefined ? '' : `KV cache ${percentWords(kvCacheRatio)}`,
    gpuUtilizationRatio === undefined ? '' : `GPU ${percentWords(gpuUtilizationRatio)} busy`,
    gpuMemoryRatio === undefined ? '' : `GPU memory ${percentWords(gpuMemoryRatio)}`,
    gpuXids.length === 0 ? '' : `last GPU error XID ${gpuXids.slice(0, mostModels).join(', ')}`,
  ];
  return known.map((fact) => (fact === '' ? '' : `; ${fact}`)).join('');
}

/** What stands in front of the workload. */
export function gatewayPart(gateway: GatewayStatus): Html {
  const { state, held, inFlight, problem, endpoints } = gateway;
  const shown = endpoints.slice(0, MOST_ENDPOINTS);
  const leftOut = endpoints.length - shown.length;
  return html`<p>State: ${literalWords(state)}; ${numberWords(held)} held, ${numberWords(inFlight)} in flight.</p>
${problem !== undefined && html`<p class="warning"><bdi>${shortened(problem)}</bdi></p>`}
${shown.length > 0 && table(captionOfGateway(endpoints.length, leftOut), gatewayColumns, shown)}`;
}

function captionOfGateway(count: number, leftOut: number): string {
  const all = `${countWords(count, 'endpoint')} of the gateway`;
  return leftOut === 0 ? all : `${all}; ${leftOut} are left out here and stand in the JSON`;
}

const gatewayColumns: readonly Column<GatewayStatus['endpoints'][number]>[] = [
  { title: 'Endpoint', kind: 'name', cell: nameCell },
  { title: 'Requests', kind: 'figure', cell: ({ requests }) => figure(requests) },
  { title: 'Read', kind: 'figure', cell: ({ ageMs }) => (ageMs === undefined ? 'never' : `${spanWords(ageMs)} ago`) },
  {
    title: 'Said',
    kind: 'prose',
    cell: ({ failure, detail, engine }) =>
      html`${failure !== undefined ? failureWords(failure, detail) : detail !== undefined && html`<bdi>${shortened(detail)}</bdi><br>`}
<span class="quiet small">${engine ?? 'kind unknown'}</span>`,
  },
];
