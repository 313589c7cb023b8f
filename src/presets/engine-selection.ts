import type { PresetName } from './catalogue/preset-name.ts';

/** A family with label values that a series must have to count: `name{label="x",other="y"}`. */
export interface CustomFamily {
  readonly family: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** What a user named. Without `waiting`, running holds the waiting requests, too. */
export interface CustomFamilies {
  readonly running?: CustomFamily | undefined;
  readonly waiting?: CustomFamily | undefined;
  readonly requests?: CustomFamily | undefined;
}

/** Whose names a page is read by. */
export type EngineSelection =
  | { readonly kind: 'auto' }
  | { readonly kind: 'preset'; readonly name: PresetName }
  | ({ readonly kind: 'custom' } & CustomFamilies);
