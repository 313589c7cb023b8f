import { commaList } from '../comma-list.ts';
import type { Parsed } from '../parsed.ts';
import { read, refuse } from '../parsed.ts';
import { quoted } from '../quoted.ts';

const mostUrls = 1000;

/**
 * Reads a comma-separated list of 1 to 1000 http or https URLs. They come back as URL parsing normalises them, and
 * without a path where none (or only "/") was given, so that the page can be looked for. Whether their addresses may
 * be reached is not asked here. Faults are predicates, to follow the name of what was read.
 */
export function parseEndpointUrls(text: string): Parsed<readonly string[]> {
  const items = commaList(text);
  if (!items.ok) return items;
  if (items.value.length > mostUrls) return refuse(`must have at most ${mostUrls} URLs, has ${items.value.length}`);
  const faults: string[] = [];
  const urls = new Set<string>();
  for (const item of items.value) {
    const url = parseUrl(item);
    if (!url.ok) faults.push(...url.faults);
    else if (urls.has(url.value)) faults.push(`has ${quoted(item)} twice: each endpoint counts once`);
    else urls.add(url.value);
  }
  return faults.length > 0 ? refuse(...faults) : read([...urls]);
}

/** Reads one http or https URL, normalised as in a list. */
export function parseUrl(text: string): Parsed<string> {
  const shown = quoted(text);
  if (!/^https?:\/\//i.test(text)) return refuse(`has ${shown}, which is no http:// or https:// URL`);
  const url = URL.parse(text);
  if (url === null || url.port === '0' || /\s/.test(text)) return refuse(`has ${shown}, which is not a valid URL`);
  if (url.username !== '' || url.password !== '' || /^https?:\/\/[^/?#]*@/i.test(text)) {
    return refuse(`has ${shown}, a URL with user info: metadata is no place for credentials`);
  }
  if (text.includes('#')) return refuse(`has ${shown}, a URL with a fragment: leave "#…" out`);
  return read(url.origin + (url.pathname === '/' && url.search === '' ? '' : url.pathname + url.search));
}
