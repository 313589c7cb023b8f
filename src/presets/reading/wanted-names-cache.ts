import { LabelCache } from '../../exposition/label-cache.ts';
import { canonicalName } from '../../exposition/page.ts';
import type { WantedNames } from '../../exposition/wanted-names.ts';
import { wantedNames } from '../../exposition/wanted-names.ts';

/** Every preset, and a few dozen sets of names that triggers chose. */
const mostSets = 128;
/** Of all sets together: replicas of one model print the same ones. */
const labelSlots = 4096;

/**
 * Builds each set of names once, however many endpoints are read by it. Triggers may name families of their own, and
 * be edited for ever: the sets longest unused are dropped, and label sets are remembered in one place for all.
 */
export class WantedNamesCache {
  /** The one unused for longest comes first. */
  readonly #sets = new Map<string, WantedNames>();
  readonly #labelSets = new LabelCache(labelSlots);

  of(names: readonly string[]): WantedNames {
    const key = [...new Set(names.map(canonicalName))].sort().join(' ');
    const known = this.#sets.get(key) ?? wantedNames(key.split(' '), this.#labelSets);
    this.#sets.delete(key);
    this.#sets.set(key, known);
    if (this.#sets.size > mostSets) this.#sets.delete(this.#sets.keys().next().value!);
    return known;
  }
}
