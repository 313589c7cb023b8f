/** One look at a gauge that contains whoever reads it. */
export interface ReaderLook {
  readonly atMs: number;
  readonly load: number;
}

/** The fewest looks that are compared, and the span they are from at least: two readers seldom meet three times. */
const fewestLooks = 3;
const spanMs = 1_000;
/** Looks 50 ms apart over the span, and a few more. */
const mostLooks = 32;

/** The looks after one more: those that are compared, and no others. */
export function withLook(looks: readonly ReaderLook[], look: ReaderLook): readonly ReaderLook[] {
  const all = [...looks, look].slice(-mostLooks);
  const first = all.findIndex(({ atMs }) => atMs > look.atMs - spanMs);
  return all.slice(Math.min(first, Math.max(0, all.length - fewestLooks)));
}

/**
 * What a gauge shows that contains its readers, of whom our own is taken off already: others may read at the same
 * moment, and for as long only. So a load is what several looks agree on, and one look tells of an idle server alone.
 */
export function loadWithoutReaders(looks: readonly ReaderLook[]): number | undefined {
  const least = Math.min(...looks.map(({ load }) => load));
  return looks.length >= fewestLooks || least === 0 ? least : undefined;
}
