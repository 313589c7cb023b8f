/** Something that was read from strings, or everything that is wrong with them: one sentence a fault. */
export type Parsed<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly faults: readonly string[] };

/** What was read. */
export function read<Value>(value: Value): Parsed<Value> {
  return { ok: true, value };
}

/** What is wrong with what was given. */
export function refuse(...faults: readonly string[]): { readonly ok: false; readonly faults: readonly string[] } {
  return { ok: false, faults };
}
