import type { Parsed } from '../parsed.ts';
import { read, refuse } from '../parsed.ts';
import { quoted } from '../quoted.ts';
import type { Cidr } from './address-policy.ts';
import { contains, parseCidr } from './address-policy.ts';
import { parseAddress } from './ip-address.ts';
import { parseHostName } from './network-name.ts';

/** Hosts that an operator names. */
export type HostPattern =
  | { readonly kind: 'network'; readonly cidr: Cidr }
  | { readonly kind: 'name'; readonly name: string }
  /** Every name below a domain, however deep; not the domain itself. `suffix` begins with a dot. */
  | { readonly kind: 'domain'; readonly suffix: string };

/** Reads `llm.example.com`, `*.models.svc.cluster.local`, `10.0.0.0/8`, or one address. */
export function parseHostPattern(text: string): Parsed<HostPattern> {
  if (text === '*') return refuse('must name hosts: for every address write "0.0.0.0/0" and "::/0"');
  if (text.includes('://')) return refuse(`must be a host, not the URL ${quoted(text)}`);
  if (text.includes('/') || parseAddress(text) !== undefined) {
    const cidr = parseCidr(text);
    return cidr.ok ? read({ kind: 'network', cidr: cidr.value }) : cidr;
  }
  const isDomain = text.startsWith('*.');
  const name = plain(isDomain ? text.slice(2) : text);
  if (!parseHostName(name).ok) {
    const found = `found ${quoted(text)}`;
    return refuse(`must be a name, "*." and a domain, or a network, without a port; ${found}`);
  }
  return read(isDomain ? { kind: 'domain', suffix: `.${name}` } : { kind: 'name', name });
}

/**
 * Whether a host, a name or an address as a URL has it, is one of those. An address is compared as it is written: one
 * that leads to another by way of a translation is another host.
 */
export function isHostIn(patterns: readonly HostPattern[], host: string): boolean {
  const address = parseAddress(host.replace(/^\[|\]$/g, ''));
  const name = plain(host);
  return patterns.some((pattern) => {
    if (pattern.kind === 'network') return address !== undefined && contains(pattern.cidr, address);
    return pattern.kind === 'name' ? name === pattern.name : name.endsWith(pattern.suffix);
  });
}

function plain(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}
