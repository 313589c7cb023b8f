import type { Parsed } from './parsed.ts';
import { read, refuse } from './parsed.ts';

/** Reads a comma-separated list of at least one item, trimmed. Empty items are refused: a slip can't drop a filter. */
export function commaList(text: string): Parsed<readonly string[]> {
  const items = text.split(',').map((item) => item.trim());
  if (items.every((item) => item !== '')) return read(items);
  return refuse('has an empty item: separate items with single commas');
}
