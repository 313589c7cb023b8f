import type { HpaTarget } from '../keda/hpa-proposal.ts';
import { defaultHpaTolerance, hpaProposal } from '../keda/hpa-proposal.ts';
import type { HpaSight } from '../keda/steered-value.ts';
import { steeredValue } from '../keda/steered-value.ts';
import type { ReportPolicy } from './decide.ts';

/** What the HPA will look at when it is told a value, as far as that can be known. */
export interface HpaView {
  readonly kind: HpaTarget['kind'];
  readonly sight: HpaSight;
  /** Whether KEDA and the HPA keep the replicas upon an error, whatever else they do: nothing may take it for idleness. */
  readonly isErrorSafe: boolean;
  /** Replicas that were asked for when the surge of now began, or that what could be read has justified since. */
  readonly justReplicas: number;
  /** The ScaledObject's limits. */
  readonly minReplicas: number;
  readonly maxReplicas: number;
}

/**
 * The value to tell so that the HPA does what `value` justifies. Where there is none: `undefined`, an error, if that is
 * safe, else `otherwise`.
 */
export function toldValue(
  { value, otherwise }: { readonly value: number; readonly otherwise: number },
  targetValue: number,
  hpa: HpaView | undefined,
): number | undefined {
  if (hpa === undefined || hpa.sight.specReplicas === 0) return value;
  const found = steeredValue({ kind: hpa.kind, target: targetValue }, value, hpa.sight, !hpa.isErrorSafe);
  return found ?? (hpa.isErrorSafe ? undefined : otherwise);
}

/**
 * Replicas that the HPA will ask for when it looks now and is told this, before its stabilization and policies;
 * `undefined` where nobody can say. Without a view of what it looks at, no surge is assumed, and a value that it
 * multiplies with ready replicas of its own counting tells nothing.
 */
export function foreseenReplicas(
  told: number,
  { replicas, targetValue: target, aggregation }: ReportPolicy & { readonly replicas: number },
  hpa: HpaView | undefined,
): number | undefined {
  if (hpa === undefined) {
    if (aggregation !== 'sum') return undefined;
    const sizes = { specReplicas: replicas, statusReplicas: replicas, readyReplicas: undefined };
    return hpaProposal({ kind: 'average-value', target }, told, sizes, defaultHpaTolerance);
  }
  const { sight, kind, minReplicas, maxReplicas } = hpa;
  const likeliest = { ...sight, statusReplicas: sight.statusReplicas[0]! };
  const proposal = hpaProposal({ kind, target }, told, likeliest, sight.tolerances[0]!);
  return proposal && Math.min(Math.max(proposal, minReplicas, 1), maxReplicas);
}

/** Why something else is told than was decided, in words; `undefined` where the decision's own value is told. */
export function steeringWords(value: number, told: number | undefined, hpa: HpaView | undefined): string | undefined {
  if (hpa === undefined || told === value) return undefined;
  const { specReplicas, statusReplicas, readyReplicas } = hpa.sight;
  const counts =
    hpa.kind === 'value'
      ? `multiplies the ${readyReplicas} ready of ${specReplicas}`
      : `counts ${statusReplicas[0]} of ${specReplicas}`;
  if (told === undefined) {
    return `an error is told, for the autoscaler ${counts}, where only an error keeps ${specReplicas}`;
  }
  return `${Math.round(told * 1000) / 1000} is told, for the autoscaler ${counts}`;
}
