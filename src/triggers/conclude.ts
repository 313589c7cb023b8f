import type { Activity } from '../aggregation/activity.ts';
import type { Observation } from '../aggregation/observation.ts';
import type { Metric, TriggerMetadata } from '../config/metadata/trigger-metadata.ts';
import type { Decision } from '../decision/decide.ts';
import { explain } from '../decision/explain.ts';
import type { HpaView } from '../decision/hpa-view.ts';
import { toldOf } from '../decision/told.ts';
import { presets } from '../presets/catalogue/presets.ts';
import { sharersOf } from './gateway-now.ts';
import { isGpuMetric } from './loads.ts';
import { missingMetric } from './missing-metric.ts';
import { workersInWords } from './set-workers.ts';
import type { Change, Outcome, Sight, TriggerState } from './trigger-state.ts';
import type { WatchedList } from './watched-list.ts';

/** Changes of a decision that are kept for the status page. */
const KEPT_CHANGES = 20;
/** A page that takes this long is told of. */
const SLOW_PAGE_MS = 1000;

/** What a cycle has found out. */
interface Found {
  readonly observation: Observation;
  readonly decision: Decision;
  readonly activity: Activity;
  readonly hpa: HpaView | undefined;
}

type Concluded = Pick<TriggerState, 'outcome' | 'wasActive' | 'changes'>;

/** What a cycle comes to, in numbers and in words, and whether that is news. */
export function conclude(before: TriggerState, found: Found, sight: Sight, metadata: TriggerMetadata): Concluded {
  const { observation, decision, activity, hpa } = found;
  const { moment } = sight;
  const { discovered, nowMs } = moment;
  const wasActive = decision.kind === 'report' ? activity.active : before.wasActive;
  const { hasFallback } = discovered;
  const isGatewayMissing = moment.gateway?.isMissing === true;
  const isListDoubtful = discovered.problem !== undefined;
  const context = { wasActive, hasFallback, isListDoubtful, isGatewayMissing, hpa };
  const told = toldOf(decision, activity.active, { seen: observation, policy: metadata, context });
  const why = explain(decision, {
    seen: observation,
    activity,
    metric: metadata.metric,
    targetValue: metadata.targetValue,
    aggregation: metadata.aggregation,
    told,
    hpa,
    problem: problemOf(sight, observation, metadata),
    gatewayProblem: moment.gateway?.problem ?? (moment.gateway && pageProblem(moment.gateway, 'concurrency')),
    silentGateway: moment.gateway && silentGateway(moment.gateway),
    sharedWith: moment.gateway === undefined ? 0 : sharersOf(moment.gateway, metadata).length,
  });
  const outcome = { atMs: nowMs, observation, decision, activity, told, hpa, why, sight };
  const isChange = isNews(before.outcome, outcome, metadata.targetValue);
  return { outcome, wasActive, changes: isChange ? withChange(before.changes, outcome) : before.changes };
}

/** What stands most in the way of a number that can be trusted, in words. */
function problemOf({ moment, loads }: Sight, observation: Observation, metadata: TriggerMetadata) {
  const { replicas, discovered } = moment;
  const heads = new Map(replicas.endpoints.map(({ endpoint }, at) => [endpoint.name, loads[at]?.workerOf]));
  const withPages = replicas.endpoints.filter((_, at) => loads[at]?.workerOf === undefined);
  return (
    surplusProblem(replicas) ??
    discovered.problem ??
    pageProblem({ endpoints: withPages }, metadata.metric) ??
    gpuProblem(metadata, observation) ??
    slowPage(replicas) ??
    workersInWords([...heads.values()]) ??
    discovered.notice
  );
}

/** The first sentence on an endpoint that can't be scraped or read, for whoever reads KEDA's events. */
function pageProblem({ endpoints }: Pick<WatchedList, 'endpoints'>, metric: Metric): string | undefined {
  for (const { endpoint, memory, problem, server } of endpoints) {
    if (server?.isOptional === true) continue;
    if (problem !== undefined) return problem;
    if (endpoint.phase !== 'ready') continue;
    if (memory.latest === undefined) return `${endpoint.name}: no answer yet`;
    if (!memory.latest.ok) return saidOf(endpoint.name, memory.latest.detail);
    const missing = missingMetric(memory, metric);
    if (missing !== undefined) return saidOf(endpoint.name, missing);
  }
  return undefined;
}

/** A gateway on whose page nothing moves while nothing runs behind it. */
function silentGateway({ endpoints }: WatchedList): string | undefined {
  for (const { memory } of endpoints) {
    const engine = memory.lastGood?.engine;
    const preset = engine === undefined || engine === 'custom' ? undefined : presets[engine];
    if (preset?.atZero === 'silent') return preset.title;
  }
  return undefined;
}

/** The slowest page that is read all the same, for its number is as old as its server takes to print it. */
function slowPage({ endpoints }: WatchedList): string | undefined {
  const slow = endpoints
    .flatMap(({ endpoint, memory: { latest } }) => (latest?.ok === true ? [{ name: endpoint.name, latest }] : []))
    .filter(({ latest }) => latest.durationMs >= SLOW_PAGE_MS)
    .sort((a, b) => b.latest.durationMs - a.latest.durationMs);
  const [slowest] = slow;
  if (slowest === undefined) return undefined;
  const { durationMs, bodyBytes, restMs = 0 } = slowest.latest;
  const page = `${slowest.name}: its page of ${kilobytes(bodyBytes)} took ${seconds(durationMs)} to come`;
  const rest =
    restMs > 0
      ? `, which costs its server so much that it is asked for every ${seconds(durationMs + restMs)} only`
      : ', its server is busy; numbers are as old as that';
  return `${page}${rest}${slow.length > 1 ? `; ${slow.length - 1} more such` : ''}`;
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const kilobytes = (bytes: number): string => `${Math.round(bytes / 1000)} kB`;

function surplusProblem({ endpoints, surplus }: WatchedList): string | undefined {
  if (surplus === 0) return undefined;
  return `${surplus} endpoints are beyond --max-endpoints-per-trigger ${endpoints.length} and not read`;
}

/** A GPU metric is read from exporters, about which the replicas' own pages say nothing. */
function gpuProblem({ metric }: TriggerMetadata, { unreadable }: Observation): string | undefined {
  if (!isGpuMetric(metric) || unreadable === 0) return undefined;
  return `no GPU exporter's page names ${unreadable === 1 ? 'that pod' : 'those pods'}; look at --dcgm-service and at the exporter's pod labels`;
}

/** A static endpoint's name is its URL, which most sentences on it hold already. */
function saidOf(name: string, sentence: string): string {
  return sentence.includes(name) ? sentence : `${name}: ${sentence}`;
}

/** What changes the replica count or activity is news; a ripple in the value is not. */
function isNews(before: Outcome | undefined, after: Outcome, targetValue: number): boolean {
  if (before === undefined || before.decision.kind !== after.decision.kind) return true;
  if (before.activity.active !== after.activity.active) return true;
  if (isGatewayLost(before) !== isGatewayLost(after)) return true;
  if ((before.told === undefined) !== (after.told === undefined)) return true;
  if (before.decision.kind !== 'report' || after.decision.kind !== 'report') return false;
  return Math.ceil(before.decision.metricValue / targetValue) !== Math.ceil(after.decision.metricValue / targetValue);
}

function isGatewayLost({ observation }: Outcome): boolean {
  return observation.gatewayState === 'unreadable';
}

function withChange(changes: readonly Change[], { atMs, decision, activity, why }: Outcome): readonly Change[] {
  const metricValue = decision.kind === 'report' ? decision.metricValue : undefined;
  // While holding neither is known, whatever KEDA is told.
  const active = decision.kind === 'report' ? activity.active : undefined;
  return [...changes, { atMs, metricValue, active, why }].slice(-KEPT_CHANGES);
}
