/** An IPv4 (4 bytes) or IPv6 (16 bytes) address. */
export type AddressBytes = readonly number[];

/**
 * Reads an address as sockets and resolvers print it: dotted decimal without leading zeros, or IPv6, which may end in
 * dotted decimal and carry a zone (`fe80::1%eth0`; the zone is dropped). Anything else, such as the short, octal and
 * hexadecimal forms of IPv4, is `undefined`.
 */
export function parseAddress(text: string): AddressBytes | undefined {
  if (!text.includes(':')) return parseIpv4(text);
  const [address, ...zone] = text.split('%');
  if (zone.length > 1 || zone[0] === '') return undefined;
  return parseIpv6(address!);
}

function parseIpv4(text: string): AddressBytes | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part))) return undefined;
  const bytes = parts.map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : undefined;
}

function parseIpv6(text: string): AddressBytes | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half, place) => parseGroups(half, place === halves.length - 1));
  if (head === undefined) return undefined;
  if (halves.length === 1) return head.length === 16 ? head : undefined;
  if (tail === undefined || head.length + tail.length > 14) return undefined;
  return [...head, ...Array<number>(16 - head.length - tail.length).fill(0), ...tail];
}

/** Groups of up to four hexadecimal digits as bytes; the last one of an address may be dotted decimal. */
function parseGroups(text: string, endsAddress: boolean): AddressBytes | undefined {
  if (text === '') return [];
  const groups = text.split(':');
  const bytes: number[] = [];
  for (const [place, group] of groups.entries()) {
    const embedded = endsAddress && place === groups.length - 1 && group.includes('.') ? parseIpv4(group) : undefined;
    if (embedded === undefined && !/^[\da-f]{1,4}$/i.test(group)) return undefined;
    const value = Number.parseInt(group, 16);
    bytes.push(...(embedded ?? [value >> 8, value & 0xff]));
  }
  return bytes;
}
