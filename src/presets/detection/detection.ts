import type { PresetName } from '../catalogue/preset-name.ts';

/** `message`: which families were seen, and what usually causes that. */
export type Detection =
  | { readonly kind: 'preset'; readonly preset: PresetName }
  | { readonly kind: 'gpu' }
  | { readonly kind: 'unknown'; readonly message: string };
