import { LabelCache } from './label-cache.ts';
import { NameIndex } from './name-index.ts';
import { canonicalName } from './page.ts';

/** Endings that a sample's name has and its family's may lack. */
const familySuffixes = ['_total', '_sum', '_count', '_bucket', '_created', '_info', '_gsum', '_gcount'];

/** The names a parser looks for. Made by `wantedNames`; its fields are the parser's business. */
export interface WantedNames {
  readonly every: boolean;
  readonly sampleIndex: NameIndex;
  readonly familyIndex: NameIndex;
  /** The same names for look-up, for those that are printed in quotes. Canonical. */
  readonly samples: ReadonlySet<string>;
  readonly families: ReadonlySet<string>;
  readonly labelSets: LabelCache;
}

/**
 * Wants the samples with exactly these names; `:` and `_` are equal in them. The families of such samples are wanted
 * too, with and without the ending that the sample has. Costs as much as several pages: build it once and share it.
 * `labelSets` may be shared by several sets of names, which are then remembered in one bounded place.
 */
export function wantedNames(names: Iterable<string>, labelSets = new LabelCache()): WantedNames {
  const samples = new Set([...names].map(canonicalName).filter((name) => name !== ''));
  const families = new Set([...samples].flatMap((name) => [name, ...stemsOf(name)]));
  return {
    every: false,
    sampleIndex: new NameIndex(samples),
    familyIndex: new NameIndex(families),
    samples,
    families,
    labelSets,
  };
}

/** A sample's name without the ending that its family's may lack. */
export function stemsOf(name: string): string[] {
  return familySuffixes
    .filter((suffix) => name.endsWith(suffix) && name.length > suffix.length)
    .map((suffix) => name.slice(0, -suffix.length));
}

/** Every name is wanted: all samples are materialised, all lines are checked, and the families are counted. */
export const everyName: WantedNames = { ...wantedNames([]), every: true };
