import type { Trigger } from './trigger.ts';

/** Calls with metadata from before an edit may still come for this long after the first with the new. */
const IN_FLIGHT_MS = 10_000;
/** So long after KEDA has asked about another trigger of a ScaledObject and not about this one, this one is over. */
const SUPERSEDED_AFTER_MS = 30_000;
/** Where there is no room for a trigger, one of its ScaledObject's that was not named for this long makes room. */
const REPLACED_AFTER_MS = 60_000;

interface Entry {
  readonly trigger: Trigger;
  /** When KEDA last named it in any call. */
  namedMs: number;
  /** When KEDA last asked what it says. */
  askedMs: number;
  /** Since when it looks superseded. */
  doubtedSinceMs: number | undefined;
}

/** The triggers there are, by key and by ScaledObject. */
export class TriggerTable {
  readonly #byKey = new Map<string, Entry>();
  readonly #byScaledObject = new Map<string, Map<string, Entry>>();
  readonly #perNamespace = new Map<string, number>();

  get size(): number {
    return this.#byKey.size;
  }

  *all(): IterableIterator<Trigger> {
    for (const { trigger } of this.#byKey.values()) yield trigger;
  }

  get(key: string): Trigger | undefined {
    return this.#byKey.get(key)?.trigger;
  }

  countOf(namespace: string): number {
    return this.#perNamespace.get(namespace) ?? 0;
  }

  *ofScaledObject(namespace: string, name: string): IterableIterator<Trigger> {
    for (const { trigger } of this.#siblings(namespace, name)) yield trigger;
  }

  add(trigger: Trigger, nowMs: number): void {
    const { key, namespace, name } = trigger;
    const entry: Entry = { trigger, namedMs: nowMs, askedMs: nowMs, doubtedSinceMs: undefined };
    const owner = ownerOf(namespace, name);
    this.#byKey.set(key, entry);
    this.#byScaledObject.set(owner, (this.#byScaledObject.get(owner) ?? new Map()).set(key, entry));
    this.#perNamespace.set(namespace, this.countOf(namespace) + 1);
  }

  remove({ key, namespace, name }: Trigger): void {
    if (!this.#byKey.delete(key)) return;
    const owner = ownerOf(namespace, name);
    const siblings = this.#byScaledObject.get(owner)!;
    siblings.delete(key);
    if (siblings.size === 0) this.#byScaledObject.delete(owner);
    const left = this.countOf(namespace) - 1;
    if (left === 0) this.#perNamespace.delete(namespace);
    else this.#perNamespace.set(namespace, left);
  }

  /** KEDA named this trigger in a call. */
  named(key: string, nowMs: number): void {
    const entry = this.#byKey.get(key);
    if (entry === undefined) return;
    entry.namedMs = nowMs;
    entry.doubtedSinceMs = undefined;
  }

  /** KEDA asked what this trigger says. */
  asked(key: string, nowMs: number): void {
    this.named(key, nowMs);
    const entry = this.#byKey.get(key);
    if (entry !== undefined) entry.askedMs = nowMs;
  }

  /**
   * Triggers whose ScaledObject was edited. KEDA tells of no edit, but names each trigger of a ScaledObject at least
   * once a polling interval: one that is left out for longer, while a younger one is asked about, is over. Two that are
   * both alive are named again and again after the younger was added, so neither is dropped. To be called about once a
   * second.
   */
  superseded(nowMs: number): Trigger[] {
    const over: Trigger[] = [];
    for (const siblings of this.#byScaledObject.values()) {
      if (siblings.size < 2) continue;
      for (const entry of siblings.values()) {
        const doubted = [...siblings.values()].some((other) => succeeds(other, entry));
        entry.doubtedSinceMs = doubted ? (entry.doubtedSinceMs ?? nowMs) : undefined;
        // Calls about several triggers may lie seconds apart though they belong to one poll.
        if (doubted && nowMs - entry.doubtedSinceMs! >= IN_FLIGHT_MS) over.push(entry.trigger);
      }
    }
    return over;
  }

  /** What must go first where a trigger of this ScaledObject finds no room: most likely it is what was edited. */
  replaceable(namespace: string, name: string, nowMs: number): Trigger | undefined {
    const [oldest] = [...this.#siblings(namespace, name)].sort((a, b) => a.namedMs - b.namedMs);
    if (oldest === undefined || oldest.trigger.streams.size > 0) return undefined;
    return nowMs - oldest.namedMs >= REPLACED_AFTER_MS ? oldest.trigger : undefined;
  }

  #siblings(namespace: string, name: string): IterableIterator<Entry> {
    return (this.#byScaledObject.get(ownerOf(namespace, name)) ?? new Map<string, Entry>()).values();
  }
}

function succeeds(other: Entry, entry: Entry): boolean {
  if (entry.trigger.streams.size > 0 || other.trigger.addedMs <= entry.trigger.addedMs) return false;
  const isLeftOut = entry.namedMs <= other.trigger.addedMs + IN_FLIGHT_MS;
  return isLeftOut && other.askedMs - entry.namedMs >= leftOutAfterMs(entry, other);
}

/** A trigger with `useCachedMetrics` is named once a polling interval, whatever the HPA asks about the others. */
function leftOutAfterMs(...entries: readonly Entry[]): number {
  const pollsMs = Math.max(...entries.map(({ trigger }) => trigger.pollingIntervalMs ?? 0));
  return Math.max(SUPERSEDED_AFTER_MS, pollsMs + IN_FLIGHT_MS);
}

function ownerOf(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}
