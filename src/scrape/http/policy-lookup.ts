import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { AddressPolicy } from '../../config/access/address-policy.ts';

/** An address that must not be dialled. `rule` is the policy's name for why. */
export class AddressDenied extends Error {
  override readonly name = 'AddressDenied';
  readonly rule: string;
  constructor(rule: string) {
    super(`address denied: ${rule}`);
    this.rule = rule;
  }
}

/** Finds every address of a name, as `dns.lookup` with `all` does. */
export type Resolve = (
  hostName: string,
  found: (error: NodeJS.ErrnoException | null, addresses: readonly LookupAddress[]) => void,
) => void;

const resolveBySystem: Resolve = (hostName, found) => {
  lookup(hostName, { all: true }, found);
};

/**
 * A `lookup` for sockets that gives out addresses only where *every* address of the name passes. Sockets never ask it
 * about literal addresses. A name is asked for once at a time, so that a name server that hangs costs one thread of
 * the resolver's pool a name, not one a scrape.
 */
export function policyLookup(policy: AddressPolicy, resolve: Resolve = resolveBySystem): LookupFunction {
  const asking = new Map<string, ((answer: Answer) => void)[]>();
  const ask = (hostName: string, answered: (answer: Answer) => void): void => {
    const waiting = asking.get(hostName);
    if (waiting !== undefined) {
      waiting.push(answered);
      return;
    }
    asking.set(hostName, [answered]);
    resolve(hostName, (error, addresses) => {
      const answer = error ?? checked(addresses, policy);
      const all = asking.get(hostName) ?? [];
      asking.delete(hostName);
      for (const each of all) each(answer);
    });
  };
  return (hostName, options, callback) => {
    ask(hostName, (answer) => {
      if (answer instanceof Error) callback(answer, '');
      else if (options.all === true) callback(null, [...answer]);
      else callback(null, answer[0]!.address, answer[0]!.family);
    });
  };
}

type Answer = NodeJS.ErrnoException | readonly LookupAddress[];

function checked(addresses: readonly LookupAddress[], policy: AddressPolicy): Answer {
  for (const { address } of addresses) {
    const verdict = policy.check(address);
    if (!verdict.allowed) return new AddressDenied(verdict.rule);
  }
  return addresses.length > 0 ? addresses : Object.assign(new Error('no address'), { code: 'ENODATA' });
}
