/** Something that was read from strings, or everything that is wrong with them: one sentence a fault. */
export type Parsed<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly faults: readonly string[] };
