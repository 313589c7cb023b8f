import { parseTriggerMetadata } from '../../../src/config/metadata/parse-trigger-metadata.ts';
import type { TriggerMetadata } from '../../../src/config/metadata/trigger-metadata.ts';
import type { Scaling } from '../../../src/discovery/scaling.ts';
import { Hpa, kubernetesHpaDefaults } from '../../../src/keda/hpa.ts';
import type { HpaBehavior } from '../../../src/keda/hpa-behavior.ts';
import type { HpaSizes } from '../../../src/keda/hpa-proposal.ts';
import { defaultHpaTolerance, hpaProposal } from '../../../src/keda/hpa-proposal.ts';
import { runCycle } from '../../../src/triggers/cycle.ts';
import type { TriggerState } from '../../../src/triggers/trigger-state.ts';
import { initialState } from '../../../src/triggers/trigger-state.ts';
import type { History } from './history.ts';
import { stepMs, stepsPerSync } from './history.ts';
import { HistoryWorkload } from './workload.ts';

const target = 8;
const maxReplicaCount = 400;
/** The window, the time a last reading counts and the one in which a replica joins: what was true then may still count. */
const rememberedSteps = 9;

/** The truth of one step. */
interface Truth {
  readonly total: number;
  /** The load if each replica that can't be read carried a target at most, which is what can be known of it. */
  readonly capped: number;
  /** The load that pages show. */
  readonly shown: number;
  readonly serving: number;
  readonly isSurge: boolean;
  /** No page could be read. */
  readonly isBlind: boolean;
  /** The fewest replicas that were asked for since the surge began, and what the load has justified since. */
  readonly fewest: number;
  readonly just: number;
  /** What `status.replicas` was a moment ago, and is. */
  readonly sizes: readonly [before: number, now: number];
}

function metadataFor(aggregation: 'sum' | 'mean'): TriggerMetadata {
  const spans = { window: '12s', burstWindow: '6s', staleAfter: '9s' };
  const parsed = parseTriggerMetadata({ targetValue: String(target), aggregation, ...spans });
  if (!parsed.ok) throw new Error(parsed.faults.join());
  return parsed.value;
}

const metadataOf = { 'average-value': metadataFor('sum'), value: metadataFor('mean') } as const;

/** Plays a history through the cycle and the HPA; says what came out wrong, `undefined` when nothing did. */
export function wrongIn(history: History): string | undefined {
  const { kind, minReplicaCount, syncs } = history;
  const metadata = metadataOf[kind];
  const behavior = behaviorOf(history);
  const scaling: Scaling = { ...scalingFor(kind), minReplicaCount, maxReplicaCount, behavior };
  const hpa = new Hpa({ ...kubernetesHpaDefaults, minReplicas: 1, maxReplicas: maxReplicaCount, behavior });
  const workload = new HistoryWorkload(metadata, history.replicas);
  const truths: Truth[] = [];
  let replicas = history.replicas;
  let share = history.share;
  let failing: 'none' | 'all' | number = 'none';
  let state: TriggerState = initialState(metadata);
  let countBefore = workload.count;
  for (let step = 0; step < syncs * stepsPerSync; step++) {
    const nowMs = 1_000_000 + step * stepMs;
    for (const event of history.events) {
      if (event.step !== step) continue;
      if (event.kind === 'load') share = event.share;
      else if (event.kind === 'failure') failing = event.which;
      else if (event.kind === 'rollout') workload.beginRollout(event.surge, event.loadsForSteps);
      else workload.loseReadiness(event.pods, step + event.forSteps);
    }
    workload.control(replicas, step, nowMs);
    const total = Math.round(share * history.replicas * target);
    const fails = failing;
    const canBeRead = (pod: number) => fails === 'none' || (fails !== 'all' && ((fails >> (pod % 8)) & 1) === 0);
    const { serving, capped, shown, isBlind } = workload.read(total, canBeRead, { step, nowMs });
    const { count } = workload;
    const isSurge = Math.max(count, countBefore) > replicas;
    const isOver = !truths.slice(-rememberedSteps).some((truth) => truth.isSurge) && !isSurge;
    const before = (isOver ? undefined : truths.at(-1)) ?? { fewest: replicas, just: replicas };
    const fewest = Math.min(replicas, before.fewest);
    const just = Math.min(replicas, Math.max(before.just, justifiedAt(before.just, total, history)));
    truths.push({
      total,
      capped,
      shown,
      serving,
      isSurge,
      isBlind,
      fewest,
      just,
      sizes: [countBefore, count] as const,
    });
    // The scale is written a moment after the pods have come or gone.
    const statusReplicas = count === countBefore ? [count] : [count, countBefore];
    const moment = {
      nowMs,
      discovered: {
        synced: true,
        endpoints: [],
        replicas,
        pollingIntervalMs: 10_000,
        hasFallback: false,
        scaling,
        scale: { statusReplicas, readyReplicas: workload.readyAt(step) },
        problem: undefined,
        invalid: false,
      },
      metricType: kind === 'value' ? ('Value' as const) : ('AverageValue' as const),
      replicas: { endpoints: workload.endpoints, surplus: 0 },
      gateway: undefined,
      gpus: undefined,
      startingForMs: 600_000,
    };
    state = runCycle(state, moment, metadata);
    const { told, decision, why, observation } = state.outcome!;
    if (told === undefined && minReplicaCount === 0 && decision.kind === 'report') return `an error is told: ${why}`;
    if (step % stepsPerSync === stepsPerSync - 1) {
      const isLate = (history.lags >> ((step / stepsPerSync) | 0)) & 1;
      const sizes = {
        specReplicas: replicas,
        statusReplicas: isLate ? countBefore : count,
        readyReplicas: workload.readyAt(step),
      };
      const outcome = hpa.sync({ nowMs, ...sizes, metrics: [{ kind, target, total: told?.metricValue }] });
      // What pages said may be twice on them for a moment: of those that end, and those that have just joined.
      const possible = observation.unreadable === 0 ? observation.windowed.high : 0;
      const { least, most } = bounds(truths.slice(-rememberedSteps), history, { ...sizes, possible });
      if (outcome.replicas < least || outcome.replicas > most) {
        return `step ${step}: ${replicas} became ${outcome.replicas}, expected ${least} to ${most}; told ${told?.metricValue} at ${JSON.stringify(sizes)}; ${why}; truth ${JSON.stringify(truths.at(-1))}`;
      }
      replicas = outcome.replicas;
    }
    countBefore = count;
  }
  return undefined;
}

/** What a value justifies where so many replicas are there and ready. */
function justifiedAt(replicas: number, value: number, { kind, tolerance = defaultHpaTolerance }: History): number {
  const settled = { specReplicas: replicas, statusReplicas: replicas, readyReplicas: replicas };
  return Math.max(1, hpaProposal({ kind, target }, value, settled, tolerance)!);
}

/** What the load that can be read justifies: anything between that and what there is. */
function bounds(
  recent: readonly Truth[],
  history: History,
  found: HpaSizes & { readonly possible: number },
): { least: number; most: number } {
  const { kind } = history;
  const { specReplicas: replicas, statusReplicas } = found;
  const tolerance = history.tolerance ?? defaultHpaTolerance;
  const justified = (value: number, size = replicas) => justifiedAt(size, value, history);
  const perReplica = kind === 'value' ? replicas : 1;
  // A value is what each of those that serve carries, of those at most that are asked for.
  const sharing = (serving: number) => (kind === 'value' ? Math.max(1, Math.min(serving, replicas)) : 1);
  const highest = Math.max(...recent.map(({ total, serving }) => total / sharing(serving)));
  const lowest = Math.min(...recent.map(({ capped }) => capped / perReplica));
  const least = Math.min(replicas, justified(lowest));
  const most = Math.max(replicas, justified(highest));
  const isSafe = history.minReplicaCount === 1 || kind === 'value';
  if (isSafe || !recent.some(({ isSurge }) => isSurge)) return { least, most };
  // Where no error may be told the HPA may take the surge for its own, within its tolerance of what is justified, and
  // give it back; and what the tolerance alone has kept may go.
  const [, now] = recent.at(-1)!.sizes;
  const isLate = statusReplicas !== now;
  const before = Math.max(...recent.map(({ just }) => just));
  const fewest = Math.min(...recent.map((truth) => truth.fewest));
  const shown = Math.ceil(Math.min(...recent.map((truth) => truth.shown)) / target - 1e-6);
  const isBlind = recent.some((truth) => truth.isBlind);
  const known = isBlind ? fewest : Math.min(justified(lowest, fewest), Math.max(fewest, shown));
  const climb = Math.ceil(Math.max(Math.max(highest, found.possible) / target, before) / (1 - tolerance.down));
  return {
    least: Math.min(least, known),
    most: Math.max(most, climb, isLate ? statusReplicas : 0),
  };
}

function behaviorOf({ tolerance }: History): HpaBehavior {
  return {
    scaleUp: {
      policies: [{ type: 'Pods', value: 1_000, periodSeconds: 15 }],
      ...(tolerance && { tolerance: tolerance.up }),
    },
    scaleDown: { stabilizationWindowSeconds: 0, ...(tolerance && { tolerance: tolerance.down }) },
  };
}

function scalingFor(kind: History['kind']): Omit<Scaling, 'minReplicaCount' | 'maxReplicaCount' | 'behavior'> {
  const metricTypes = kind === 'value' ? 'Value' : 'AverageValue';
  return { idleReplicaCount: undefined, hasFormula: false, usesCachedMetrics: false, metricTypes };
}
