import type { Page } from '../../exposition/page.ts';
import type { Signals } from '../signals.ts';
import { absentSignals } from '../signals-outcome.ts';
import { asRecord, countField, field } from './json-value.ts';
import { namesNoModel } from './model-filter.ts';

/** Reads the last iteration of trtllm-serve's statistics. None at all is not known: another reader may have had them. */
export function readTrtllmIterations(page: Page, models: readonly string[] | undefined): Signals {
  if (models !== undefined && models.length > 1) return { ...absentSignals, problems: [namesNoModel(models)] };
  const last: unknown = Array.isArray(page.json) ? page.json.at(-1) : undefined;
  if (last === undefined) {
    const problem =
      'no iteration since the page was last read; reading empties it, so make sure that nothing else reads it, or use /prometheus/metrics';
    return { ...absentSignals, problems: [problem] };
  }
  const iteration = asRecord(last) ?? {};
  const running = countField(iteration, 'numActiveRequests');
  const waiting = countField(iteration, 'numQueuedRequests');
  const problems: string[] = [];
  if (running === undefined) problems.push('the last iteration has no numActiveRequests');
  if (waiting === undefined) problems.push('the last iteration has no numQueuedRequests');
  return {
    ...absentSignals,
    running,
    waiting,
    concurrency: running === undefined || waiting === undefined ? undefined : running + waiting,
    capacity: countField(iteration, 'maxNumActiveRequests'),
    kvCacheRatio: shareOfBlocks(field(iteration, 'kvCacheStats')),
    stepsTotal: countField(iteration, 'iter'),
    problems,
  };
}

function shareOfBlocks(stats: unknown): number | undefined {
  const blocks = asRecord(stats) ?? {};
  const used = countField(blocks, 'usedNumBlocks');
  const whole = countField(blocks, 'maxNumBlocks');
  return used === undefined || whole === undefined || whole === 0 || used > whole ? undefined : used / whole;
}
