import type { Page, Sample } from '../../exposition/page.ts';
import type { Signals } from '../signals.ts';
import { absentSignals } from '../signals-outcome.ts';
import { asRecord, countField, field } from './json-value.ts';
import { namesNoModel } from './model-filter.ts';

/** One data-parallel rank's report. Undefined: not printed, or no possible number. */
interface RankLoad {
  readonly running: number | undefined;
  readonly waiting: number | undefined;
  /** Requests waiting for a grammar, which `waiting` does not hold. 0 when not printed. */
  readonly grammar: number;
  readonly capacity: number | undefined;
  readonly kvCacheRatio: number | undefined;
  /** Unix seconds of the report; 0: there was none yet. */
  readonly reportedAtSeconds: number | undefined;
}

/** Adds the ranks of SGLang's `/v1/loads`, as JSON or as text. The page names no model. */
export function readSglangLoads(page: Page, models: readonly string[] | undefined): Signals {
  if (models !== undefined && models.length > 1) return { ...absentSignals, problems: [namesNoModel(models)] };
  const problems: string[] = [];
  const ranks = page.format === 'json' ? ranksOfJson(page.json) : ranksOfText(page.samples);
  if (ranks.length === 0) return { ...absentSignals, problems: ['the page has no rank in "loads"'] };
  const reported = ranks.filter((rank) => !isUnreported(rank));
  if (reported.length < ranks.length) problems.push('a rank has not reported its load yet: its timestamp is 0');
  if (reported.length === 0) return { ...absentSignals, problems };
  const running = total(reported.map((rank) => rank.running));
  const queued = total(reported.map((rank) => rank.waiting));
  const waiting = queued === undefined ? undefined : reported.reduce((sum, { grammar }) => sum + grammar, queued);
  if (running === undefined) problems.push('num_running_reqs is not printed for every rank');
  if (waiting === undefined) problems.push('num_waiting_reqs is not printed for every rank');
  const ratios = reported.map((rank) => rank.kvCacheRatio).filter((ratio) => ratio !== undefined && ratio <= 1);
  return {
    ...absentSignals,
    running,
    waiting,
    concurrency: running === undefined || waiting === undefined ? undefined : running + waiting,
    capacity: total(ranks.map((rank) => rank.capacity)),
    kvCacheRatio: ratios.length > 0 ? Math.max(...(ratios as number[])) : undefined,
    partial: reported.length < ranks.length,
    stepsTotal: total(ranks.map((rank) => rank.reportedAtSeconds)),
    problems,
  };
}

/** A rank without a report prints zeros that mean nothing. */
function isUnreported(rank: RankLoad): boolean {
  return rank.reportedAtSeconds === 0 && (rank.running ?? 0) === 0 && (rank.waiting ?? 0) === 0;
}

function total(values: readonly (number | undefined)[]): number | undefined {
  let sum = 0;
  for (const value of values) {
    if (value === undefined) return undefined;
    sum += value;
  }
  return sum;
}

function ranksOfJson(json: unknown): readonly RankLoad[] {
  const loads = asRecord(json)?.loads;
  if (!Array.isArray(loads)) return [];
  return loads.map((entry: unknown) => {
    const load = asRecord(entry) ?? {};
    const queues = asRecord(field(load, 'queues'));
    return {
      running: countField(load, 'num_running_reqs'),
      waiting: countField(load, 'num_waiting_reqs'),
      grammar: (queues && countField(queues, 'grammar')) ?? 0,
      capacity: countField(load, 'max_running_requests'),
      kvCacheRatio: countField(load, 'token_usage'),
      reportedAtSeconds: countField(load, 'timestamp'),
    };
  });
}

function ranksOfText(samples: readonly Sample[]): readonly RankLoad[] {
  const byRank = new Map<string, Record<string, unknown>>();
  for (const { name, labels, value } of samples) {
    const rank = labels.dp_rank ?? '';
    const load = byRank.get(rank) ?? {};
    byRank.set(rank, load);
    load[name] = value;
  }
  return [...byRank.values()].map((load) => ({
    running: countField(load, 'sglang_num_running_reqs'),
    waiting: countField(load, 'sglang_num_waiting_reqs'),
    grammar: countField(load, 'sglang_queues_grammar') ?? 0,
    capacity: countField(load, 'sglang_max_running_requests'),
    kvCacheRatio: countField(load, 'sglang_token_usage'),
    reportedAtSeconds: countField(load, 'sglang_timestamp'),
  }));
}
