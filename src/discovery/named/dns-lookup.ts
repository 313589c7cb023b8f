import { lookup, Resolver } from 'node:dns/promises';

/** One address that a name stands for. */
export interface DnsAddress {
  readonly address: string;
  /** Given by SRV records alone. */
  readonly port: number | undefined;
}

/** What DNS says of a name: all its addresses, or that there are none. */
export interface DnsAnswer {
  readonly addresses: readonly DnsAddress[];
  /** How long the answer may be used. */
  readonly ttlMs: number;
}

/** Looks a name up. Rejects unless the answer is whole: one part that can't be had makes it none. */
export type DnsLookup = (hostName: string) => Promise<DnsAnswer>;

export interface DnsOptions {
  /** `10.96.0.10:53`, asked instead of the system's. */
  readonly servers?: readonly string[];
  /** Whether /etc/hosts and search domains count too; by default only where no server is given. */
  readonly system?: boolean;
  /** For one question to one server. */
  readonly timeoutMs?: number;
}

/** Of names that come without one: SRV records, /etc/hosts. What a cluster's DNS gives a headless Service. */
const defaultTtlMs = 5_000;
const mostTargets = 1_000;
const targetsAtOnce = 50;

/** Asks for SRV records where the name looks like `_http._tcp.llama.models.svc`, for addresses otherwise. */
export function dnsLookup(options: DnsOptions = {}): DnsLookup {
  const resolver = new Resolver({ timeout: options.timeoutMs ?? 2_000, tries: 2 });
  if (options.servers) resolver.setServers(options.servers);
  const system = options.system ?? options.servers === undefined;
  const addressesOf = async (hostName: string): Promise<DnsAnswer> => {
    const [exact] = await Promise.allSettled([addresses(resolver, hostName)]);
    if (exact.status === 'fulfilled' && (exact.value.addresses.length > 0 || !system)) return exact.value;
    // A short name is completed by the search domains; asked as it is, it goes to servers that may not even answer.
    const completed = system ? await systemAddresses(hostName) : undefined;
    if (exact.status === 'rejected' && !completed?.addresses.length) throw exact.reason;
    return completed ?? { addresses: [], ttlMs: 0 };
  };
  return (hostName) =>
    /^_[^.]+\._(tcp|udp)\./i.test(hostName) ? services(resolver, hostName, addressesOf) : addressesOf(hostName);
}

/** IPv4 addresses, or IPv6 ones where there are none: both would count the replicas of a dual-stack Service twice. */
async function addresses(resolver: Resolver, hostName: string): Promise<DnsAnswer> {
  const four = await noneIfUnknown(resolver.resolve4(hostName, { ttl: true }));
  const found = four.length > 0 ? four : await noneIfUnknown(resolver.resolve6(hostName, { ttl: true }));
  const ttlMs = found.length === 0 ? 0 : Math.min(...found.map(({ ttl }) => ttl)) * 1000;
  const unique = [...new Set(found.map(({ address }) => address))];
  return { addresses: unique.map((address) => ({ address, port: undefined })), ttlMs };
}

/** The resolver above asks DNS for exactly this name. The system knows /etc/hosts and the search domains as well. */
async function systemAddresses(hostName: string): Promise<DnsAnswer> {
  const found = await noneIfUnknown(lookup(hostName, { all: true }));
  const four = found.filter(({ family }) => family === 4);
  const chosen = new Set((four.length > 0 ? four : found).map(({ address }) => address));
  return { addresses: [...chosen].map((address) => ({ address, port: undefined })), ttlMs: defaultTtlMs };
}

async function services(resolver: Resolver, hostName: string, addressesOf: DnsLookup): Promise<DnsAnswer> {
  const records = await noneIfUnknown(resolver.resolveSrv(hostName));
  if (records.length > mostTargets) throw new Error(`more than ${mostTargets} SRV records`);
  const found = new Map<string, DnsAddress>();
  for (let start = 0; start < records.length; start += targetsAtOnce) {
    const batch = records.slice(start, start + targetsAtOnce);
    const answers = await Promise.all(batch.map(({ name }) => addressesOf(name)));
    for (const [index, answer] of answers.entries()) {
      const { name, port } = batch[index]!;
      if (answer.addresses.length === 0) throw new Error(`${name} of an SRV record has no address`);
      for (const { address } of answer.addresses) found.set(`${address} ${port}`, { address, port });
    }
  }
  return { addresses: [...found.values()], ttlMs: defaultTtlMs };
}

/** NXDOMAIN and NODATA are answers; everything else is a failure. */
async function noneIfUnknown<Item>(answer: Promise<Item[]>): Promise<Item[]> {
  try {
    return await answer;
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (code === 'ENOTFOUND' || code === 'ENODATA') return [];
    throw error;
  }
}
