import type { Parsed } from '../parsed.ts';
import type { AddressBytes } from './ip-address.ts';
import { parseAddress } from './ip-address.ts';

/** `rule`: why it may not be reached. */
export type AddressVerdict = { readonly allowed: true } | { readonly allowed: false; readonly rule: string };

/** Says which addresses may be dialled. */
export interface AddressPolicy {
  /** `address` as sockets and resolvers print it, IPv6 without brackets. `rule` names why not, in kebab-case. */
  check(address: string): AddressVerdict;
}

/** A network: every address whose first `prefixBits` bits equal those of `bytes`. */
export interface Cidr {
  readonly bytes: AddressBytes;
  readonly prefixBits: number;
}

/** IPv6 networks whose addresses lead to an IPv4 host, and the byte at which its address begins. */
const mapped = { prefix: ipv6Prefix('::ffff:0:0', 12), offset: 12 };
const embeddings = [
  mapped,
  { prefix: ipv6Prefix('::', 12), offset: 12 },
  { prefix: ipv6Prefix('64:ff9b::', 12), offset: 12 },
  { prefix: ipv6Prefix('2002::', 2), offset: 2 },
];

/** What is never a replica's address, and the rule it is denied by; the first match names it. */
const denied = (
  [
    ['metadata-address', '169.254.169.254', '169.254.170.2', '169.254.170.23', 'fd00:ec2::254', 'fd00:ec2::23'],
    ['metadata-address', '100.100.100.200', '168.63.129.16', '192.0.0.192', 'fd20:ce::254'],
    ['loopback', '127.0.0.0/8', '::1'],
    ['link-local', '169.254.0.0/16', 'fe80::/10'],
    ['unspecified', '0.0.0.0/8', '::'],
    ['multicast', '224.0.0.0/4', 'ff00::/8'],
    ['broadcast', '255.255.255.255'],
    // Ways to spell an IPv4 address whose position inside is not fixed or is scrambled.
    ['translated', '64:ff9b:1::/48', '2001::/32', '::ffff:0:0:0/96'],
  ] as const
).flatMap(([rule, ...networks]) => networks.map((network) => ({ rule, cidr: cidrOf(network) })));

/**
 * Denies what is never a replica (loopback, link-local, metadata addresses and the like) and `extraDenyCidrs`
 * (rule `denied-network`), except what lies inside `allowCidrs`: those are an operator's word and always win.
 * An IPv6 address with an IPv4 address inside is judged by the IPv4 address alone. Text that is no address is denied
 * as `not-an-address`. Throws a `RangeError` for a network that `parseCidr` refuses.
 */
export function addressPolicy(options: {
  readonly allowCidrs: readonly string[];
  readonly extraDenyCidrs?: readonly string[];
  /** Nothing but `allowCidrs` may be dialled; what is in neither list is denied as `not-allowed`. */
  readonly onlyAllowed?: boolean;
}): AddressPolicy {
  const allow = options.allowCidrs.map(cidrOf);
  const deny = (options.extraDenyCidrs ?? []).map((text) => ({ rule: 'denied-network', cidr: cidrOf(text) }));
  const rules = [...deny, ...denied];
  return {
    check(address) {
      const parsed = parseAddress(address);
      if (parsed === undefined) return { allowed: false, rule: 'not-an-address' };
      const bytes = reachedAddress(parsed);
      if (allow.some((cidr) => contains(cidr, bytes))) return { allowed: true };
      const match = rules.find(({ cidr }) => contains(cidr, bytes));
      if (match !== undefined) return { allowed: false, rule: match.rule };
      return options.onlyAllowed === true ? { allowed: false, rule: 'not-allowed' } : { allowed: true };
    },
  };
}

/** Reads `10.0.0.0/8`, `fd00::/8`, or one address. Bits beyond the prefix are a fault, for they are usually a slip. */
export function parseCidr(text: string): Parsed<Cidr> {
  const [address, bits, ...rest] = text.split('/');
  const bytes = address!.includes('%') ? undefined : parseAddress(address!);
  const widest = (bytes?.length ?? 0) * 8;
  const prefixBits = bits === undefined ? widest : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
  if (bytes === undefined || rest.length > 0 || !(prefixBits <= widest)) {
    return fault(text, 'a network such as 10.0.0.0/8 or fd00::/8, or one address');
  }
  if (!contains({ bytes, prefixBits: widest }, masked(bytes, prefixBits))) {
    return fault(text, `no bits beyond the prefix: the network's first address, or /${widest} for one address`);
  }
  const embedding = embeddingOf(bytes);
  if (embedding === undefined || prefixBits < embedding.prefix.length * 8) {
    return { ok: true, value: { bytes, prefixBits } };
  }
  if (embedding !== mapped) return fault(text, 'the IPv4 network inside it: such addresses are judged by that alone');
  return { ok: true, value: { bytes: reachedAddress(bytes), prefixBits: prefixBits - 96 } };
}

function fault(found: string, expected: string): { ok: false; faults: readonly string[] } {
  return { ok: false, faults: [`expected ${expected}, found "${found}"`] };
}

function cidrOf(text: string): Cidr {
  const parsed = parseCidr(text);
  if (!parsed.ok) throw new RangeError(parsed.faults.join('; '));
  return parsed.value;
}

function ipv6Prefix(address: string, byteCount: number): AddressBytes {
  return parseAddress(address)!.slice(0, byteCount);
}

/** The address a packet really goes to: the IPv4 address inside, where there is one. */
function reachedAddress(bytes: AddressBytes): AddressBytes {
  const embedding = embeddingOf(bytes);
  return embedding === undefined ? bytes : bytes.slice(embedding.offset, embedding.offset + 4);
}

function embeddingOf(bytes: AddressBytes): (typeof embeddings)[number] | undefined {
  if (bytes.length !== 16 || isUnspecifiedOrLoopback(bytes)) return undefined;
  return embeddings.find(({ prefix }) => prefix.every((byte, place) => bytes[place] === byte));
}

/** `::` and `::1` lie in the range of embedded IPv4 addresses but are addresses of their own. */
function isUnspecifiedOrLoopback(bytes: AddressBytes): boolean {
  return bytes.slice(0, 15).every((byte) => byte === 0) && bytes[15]! <= 1;
}

/** Whether an address lies in a network, taken as they are written: one inside of another is not looked for. */
export function contains(cidr: Cidr, bytes: AddressBytes): boolean {
  const network = masked(bytes, cidr.prefixBits);
  return network.length === cidr.bytes.length && network.every((byte, place) => byte === cidr.bytes[place]);
}

function masked(bytes: AddressBytes, prefixBits: number): AddressBytes {
  return bytes.map((byte, place) => byte & (0xff00 >> Math.min(8, Math.max(0, prefixBits - place * 8))));
}
