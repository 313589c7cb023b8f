import type { HpaSizes, HpaTarget, HpaTolerance } from './hpa-proposal.ts';
import { hpaProposal } from './hpa-proposal.ts';

/** What the HPA may find beside the value when it looks. */
export interface HpaSight {
  /** What is asked for. Above 0. */
  readonly specReplicas: number;
  /** What `status.replicas` may be by then, the likeliest first; at least one. */
  readonly statusReplicas: readonly number[];
  /** Pods that are ready, ending ones included; `undefined` where nobody counted them. */
  readonly readyReplicas: number | undefined;
  /** Tolerances that may be in force, the likeliest first; at least one. */
  readonly tolerances: readonly HpaTolerance[];
}

/**
 * Replicas that a value justifies: what the HPA would ask for if every replica that is asked for were there and ready,
 * and none beside them. An overload is never a reason to shrink, however few are ready; while none is, nobody can say
 * what one of them would carry.
 */
export function justifiedReplicas(metric: HpaTarget, value: number, sight: HpaSight): number {
  const { specReplicas: asked, readyReplicas = asked } = sight;
  const settled: HpaSizes = { specReplicas: asked, statusReplicas: asked, readyReplicas: asked };
  const tolerance = sight.tolerances[0]!;
  const replicas = hpaProposal(metric, value, settled, tolerance)!;
  if (metric.kind === 'average-value' || replicas === asked) return replicas;
  if (readyReplicas === 0) return asked;
  if (replicas < asked || readyReplicas >= asked) return replicas;
  return Math.max(asked, hpaProposal(metric, value, { ...settled, readyReplicas }, tolerance)!);
}

/**
 * The value nearest to the given one that makes the HPA ask for the replicas it justifies, whatever a rollout has
 * added to them and whoever is ready; where there is no such value, one that asks for something between these and
 * what there is. `undefined`: whatever is said, the HPA goes elsewhere.
 *
 * The HPA's answer changes at a few values only, so these are all that have to be tried. One that is right at every
 * size the HPA may find is preferred to one that is right at the likeliest, which `mayGuess` allows.
 */
export function steeredValue(metric: HpaTarget, value: number, sight: HpaSight, mayGuess = true): number | undefined {
  if (metric.kind === 'value' && sight.readyReplicas === undefined) return value;
  const wanted = justifiedReplicas(metric, value, sight);
  const { statusReplicas, tolerances } = sight;
  const certain = [sight, { ...sight, tolerances: tolerances.slice(0, 1) }];
  const guesses = [
    { ...sight, statusReplicas: statusReplicas.slice(0, 1) },
    { ...sight, statusReplicas: statusReplicas.slice(0, 1), tolerances: tolerances.slice(0, 1) },
  ];
  for (const attempt of mayGuess ? [...certain, ...guesses] : certain) {
    const found = best(metric, value, attempt, wanted);
    if (found !== undefined) return found;
  }
  return undefined;
}

function best(metric: HpaTarget, value: number, sight: HpaSight, wanted: number): number | undefined {
  const least = Math.min(wanted, sight.specReplicas);
  const most = Math.max(wanted, sight.specReplicas);
  const milesOff = (candidate: number): number => {
    let furthest = 0;
    for (const asked of askedReplicas(metric, candidate, sight)) {
      if (asked < least || asked > most) return Number.POSITIVE_INFINITY;
      furthest = Math.max(furthest, Math.abs(asked - wanted));
    }
    return furthest;
  };
  if (milesOff(value) === 0) return value;
  let found: number | undefined;
  let off = Number.POSITIVE_INFINITY;
  for (const candidate of candidates(metric, value, sight, wanted)) {
    const candidateOff = milesOff(candidate);
    if (candidateOff < off || (candidateOff === off && found !== undefined && isNicer(candidate, found, value))) {
      found = candidate;
      off = candidateOff;
    }
  }
  return found;
}

/** What the HPA asks for at each size and tolerance it may find. */
function* askedReplicas(metric: HpaTarget, value: number, sight: HpaSight): Iterable<number> {
  for (const statusReplicas of sight.statusReplicas) {
    for (const tolerance of sight.tolerances) {
      yield hpaProposal(metric, value, { ...sight, statusReplicas }, tolerance)!;
    }
  }
}

/** Whole numbers first, which a KEDA before 2.17 reads as they are; then what is nearer to the truth. */
function isNicer(candidate: number, found: number, value: number): boolean {
  const isWhole = Number.isInteger(candidate);
  if (isWhole !== Number.isInteger(found)) return isWhole;
  return Math.abs(candidate - value) < Math.abs(found - value);
}

/** The values on both sides of each step of the HPA's answer, and whole numbers beside them. */
function* candidates(metric: HpaTarget, value: number, sight: HpaSight, wanted: number): Iterable<number> {
  yield value;
  for (const edge of edges(metric, sight, wanted)) {
    // KEDA hands on thousandths.
    const milli = Math.floor(edge * 1000 + 1e-6) / 1000;
    for (const near of [milli, milli - 0.001, milli + 0.001, Math.floor(milli), Math.ceil(milli + 0.001)]) {
      if (near >= 0) yield Math.round(near * 1000) / 1000;
    }
  }
}

function* edges({ kind, target }: HpaTarget, sight: HpaSight, wanted: number): Iterable<number> {
  const { specReplicas, statusReplicas, readyReplicas, tolerances } = sight;
  const isAverage = kind === 'average-value';
  // What a count stands for: with a value, so many of the ready ones' share.
  const unit = isAverage ? target : target / Math.max(1, readyReplicas ?? specReplicas);
  for (const replicas of [wanted, specReplicas]) {
    yield replicas * unit;
    yield (replicas - 1) * unit;
  }
  const centres = isAverage ? statusReplicas.map((replicas) => replicas * target) : [target];
  for (const centre of centres) {
    yield centre;
    for (const { up, down } of tolerances) {
      yield (1 - down) * centre;
      yield (1 + up) * centre;
    }
  }
}
