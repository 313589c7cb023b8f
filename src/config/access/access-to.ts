import { isHostIn } from './host-pattern.ts';
import type { AccessRule } from './scrape-credentials.ts';

/** For whom a page is read: a trigger's namespace, or the operator, who wants to know of GPUs. */
export type AccessSubject = { readonly namespace: string } | 'gpu-exporters';

/**
 * The place of the first rule that fits a page, or `undefined` where none does. A rule fits where it serves the reader,
 * names the URL's host and port, and has something to say for its scheme.
 */
export function accessTo(url: string, reader: AccessSubject, rules: readonly AccessRule[]): number | undefined {
  const parsed = URL.parse(url);
  if (rules.length === 0 || parsed === null) return undefined;
  const { protocol, hostname } = parsed;
  const port = parsed.port === '' ? (protocol === 'https:' ? 443 : 80) : Number(parsed.port);
  const place = rules.findIndex(
    (rule) =>
      (protocol === 'https:' || (protocol === 'http:' && rule.allowPlainHttp)) &&
      serves(rule, reader) &&
      (rule.ports?.includes(port) ?? true) &&
      isHostIn(rule.hosts, hostname),
  );
  return place < 0 ? undefined : place;
}

function serves({ namespaces, gpuExporters }: AccessRule, reader: AccessSubject): boolean {
  if (reader === 'gpu-exporters') return gpuExporters;
  return namespaces === '*' || namespaces.includes(reader.namespace);
}
