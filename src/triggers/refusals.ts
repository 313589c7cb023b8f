import type { ScalerError, ScalerErrorCode } from './scaler-error.ts';
import type { TriggerRef } from './trigger-ref.ts';

/** A question of KEDA's that was refused: a trigger that is not followed, and why. */
export interface RefusedTrigger {
  readonly namespace: string;
  readonly scaledObject: string;
  readonly reason: ScalerErrorCode;
  /** What KEDA was told, at most 1,000 characters of it. */
  readonly detail: string;
  /** Since KEDA last asked, in milliseconds. */
  readonly askedAgoMs: number;
}

/**
 * A refused question that is not asked again for this long was mended or withdrawn. KEDA's pause after a refusal
 * doubles, up to 1,000 s (controller-runtime's back-off), and is followed by its next question.
 */
export const REFUSAL_KEPT_MS = 1_800_000;
/**
 * Where another trigger of the same ScaledObject is answered, KEDA asks about all of them at the pace of its polls: one
 * that it leaves out for this long was mended.
 */
export const MENDED_AFTER_MS = 120_000;
/** Metadata is a tenant's: no namespace can push out what is known of others. */
export const MOST_REFUSALS_PER_NAMESPACE = 50;
const mostRefusals = 1000;
const longestDetail = 1000;

interface Noted extends Omit<RefusedTrigger, 'askedAgoMs'> {
  readonly atMs: number;
}

/** The questions refused lately, for whoever looks for a trigger that is nowhere. Bounded in number and size. */
export class Refusals {
  /** The longest unasked first. */
  readonly #noted = new Map<string, Noted>();
  readonly #perNamespace = new Map<string, number>();
  /** The keys of what was noted of a ScaledObject; goes with the last of them. */
  readonly #ofScaledObject = new Map<string, Set<string>>();

  note({ namespace, name }: TriggerRef, { code, message }: ScalerError, nowMs: number): void {
    this.#dropBefore(nowMs - REFUSAL_KEPT_MS);
    const detail = message.slice(0, longestDetail);
    // Two triggers of one ScaledObject may be refused in the same words; they are told once.
    const key = JSON.stringify([namespace, name, code, detail]);
    this.#remove(key);
    if (this.#countOf(namespace) >= MOST_REFUSALS_PER_NAMESPACE) this.#removeOldestOf(namespace);
    else if (this.#noted.size >= mostRefusals) this.#remove(this.#noted.keys().next().value!);
    this.#noted.set(key, { namespace, scaledObject: name, reason: code, detail, atMs: nowMs });
    this.#perNamespace.set(namespace, this.#countOf(namespace) + 1);
    const owner = ownerOf(namespace, name);
    this.#ofScaledObject.set(owner, (this.#ofScaledObject.get(owner) ?? new Set()).add(key));
  }

  /** KEDA was answered about a trigger of this ScaledObject: what it no longer asks beside it is refused no more. */
  answered({ namespace, name }: TriggerRef, nowMs: number): void {
    for (const key of this.#ofScaledObject.get(ownerOf(namespace, name)) ?? []) {
      if (nowMs - this.#noted.get(key)!.atMs >= MENDED_AFTER_MS) this.#remove(key);
    }
  }

  /** The newest first. */
  recent(nowMs: number): readonly RefusedTrigger[] {
    this.#dropBefore(nowMs - REFUSAL_KEPT_MS);
    return [...this.#noted.values()]
      .reverse()
      .map(({ atMs, ...refused }) => ({ ...refused, askedAgoMs: nowMs - atMs }));
  }

  #countOf(namespace: string): number {
    return this.#perNamespace.get(namespace) ?? 0;
  }

  #dropBefore(oldestMs: number): void {
    for (const [key, { atMs }] of this.#noted) {
      if (atMs > oldestMs) return;
      this.#remove(key);
    }
  }

  #removeOldestOf(namespace: string): void {
    for (const [key, noted] of this.#noted) {
      if (noted.namespace !== namespace) continue;
      this.#remove(key);
      return;
    }
  }

  #remove(key: string): void {
    const noted = this.#noted.get(key);
    if (noted === undefined) return;
    this.#noted.delete(key);
    const owner = ownerOf(noted.namespace, noted.scaledObject);
    const siblings = this.#ofScaledObject.get(owner);
    siblings?.delete(key);
    if (siblings?.size === 0) this.#ofScaledObject.delete(owner);
    const left = this.#countOf(noted.namespace) - 1;
    if (left === 0) this.#perNamespace.delete(noted.namespace);
    else this.#perNamespace.set(noted.namespace, left);
  }
}

function ownerOf(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}
