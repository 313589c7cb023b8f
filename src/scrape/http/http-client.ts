import type { AddressPolicy } from '../../config/access/address-policy.ts';
import type { PageClient } from '../page-client.ts';
import type { HttpCounters } from './http-connection.ts';
import { HttpConnection } from './http-connection.ts';
import { usualTls } from './page-access.ts';
import type { Resolve } from './policy-lookup.ts';
import { policyLookup } from './policy-lookup.ts';
import type { WireOptions } from './wire.ts';

/** One read takes in a whole page of usual size when the network has it. */
const readBufferBytes = 128 * 1024;

export interface HttpClientOptions {
  readonly policy: AddressPolicy;
  /** Asks for gzip: a tenth of the traffic for more CPU on both sides. Default false. */
  readonly gzip?: boolean;
  /** Default: the system's resolver. */
  readonly resolve?: Resolve;
  /** Every read of this thread goes here first. Default: a buffer of the client's own, of 128 KiB. */
  readonly readBuffer?: Uint8Array;
}

/**
 * GETs pages over sockets of its own, which cost half of what a general client does: reads share one buffer, and there
 * is no timer, stream or string for a page. Follows no redirects, knows no proxies, and sends a credential only with the request it was given for.
 */
export class HttpClient implements PageClient {
  readonly counters: HttpCounters = { connections: 0, retries: 0 };
  readonly #wireOptions: WireOptions;
  readonly #acceptEncoding: string;

  constructor(options: HttpClientOptions) {
    const { policy } = options;
    this.#acceptEncoding = options.gzip === true ? 'gzip' : 'identity';
    this.#wireOptions = {
      policy,
      lookup: policyLookup(policy, options.resolve),
      tls: usualTls(),
      readBuffer: options.readBuffer ?? Buffer.allocUnsafeSlow(readBufferBytes),
    };
  }

  connection(): HttpConnection {
    return new HttpConnection(this.#wireOptions, this.#acceptEncoding, this.counters);
  }
}
