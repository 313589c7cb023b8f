import { parsePath } from '../access/network-name.ts';
import { commaList } from '../comma-list.ts';
import type { Parsed } from '../parsed.ts';
import { read, refuse } from '../parsed.ts';

/** Reads the name of a header into lower case. */
export function parseHeaderName(text: string): Parsed<string> {
  if (/^[!#$%&'*+.^_`|~\w-]{1,100}$/.test(text)) return read(text.toLowerCase());
  return refuse('must be a header\'s name, such as "x-priority"');
}

/** Reads a comma-separated list of paths. */
export function parsePathList(text: string): Parsed<readonly string[]> {
  const items = commaList(text);
  if (!items.ok) return items;
  const faults = items.value.flatMap((item) => {
    const path = parsePath(item);
    return path.ok ? [] : path.faults;
  });
  return faults.length > 0 ? refuse(...faults) : items;
}
