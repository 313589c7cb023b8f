import type { LookupFunction, Socket } from 'node:net';
import { connect as connectTcp } from 'node:net';
import type { SecureContext } from 'node:tls';
import { connect as connectTls } from 'node:tls';
import type { AddressPolicy } from '../../config/access/address-policy.ts';
import type { PageUrl } from './page-url.ts';
import { AddressDenied } from './policy-lookup.ts';

/** Why a wire is no more. `code`: of the error, where there was one. */
export interface WireEnd {
  readonly code: string | undefined;
  /** The address policy's rule, where that was the reason. */
  readonly deniedBy: string | undefined;
}

export interface WireEvents {
  /** Bytes may be written. */
  ready(): void;
  /** `bytes` are valid only during the call. */
  bytes(bytes: Uint8Array): void;
  /** Called at most once, and never after `destroy`. */
  ended(end: WireEnd): void;
}

export interface Wire {
  write(text: string): void;
  destroy(): void;
}

/** What is asked of a server's certificate. */
export interface WireTls {
  /** Holds the authorities; made when first needed. */
  readonly secureContext: () => SecureContext;
  /** The name it must be for; `undefined`: the host that is dialled. */
  readonly serverName: string | undefined;
  readonly verify: boolean;
}

/** What all wires of a thread share. */
export interface WireOptions {
  readonly policy: AddressPolicy;
  /** Resolves names under the same policy. */
  readonly lookup: LookupFunction;
  /** For `https`, where a page asks for nothing else. */
  readonly tls: WireTls;
  /** Every read goes here and is handed on at once, so that a read allocates nothing and one buffer serves all. */
  readonly readBuffer: Uint8Array;
}

/**
 * So much of one answer is read before others have their turn. Reading megabytes in one go would block the thread.
 */
const turnBytes = 256 * 1024;

/**
 * Opens a connection. The caller has checked a literal address; every other check is made here. With `https` it is
 * ready only once the server's certificate has been found good.
 */
export function openWire(url: PageUrl, tls: WireTls, options: WireOptions, events: WireEvents): Wire {
  let over = false;
  const end = (code: string | undefined, deniedBy?: string): void => {
    if (over) return;
    over = true;
    socket.destroy();
    events.ended({ code, deniedBy });
  };
  let thisTurnBytes = 0;
  const nextTurn = (): void => {
    thisTurnBytes = 0;
    if (!over) socket.resume();
  };
  const socket = connect(url, tls, options, (bytes) => {
    if (over) return true;
    events.bytes(bytes);
    const before = thisTurnBytes;
    thisTurnBytes += bytes.length;
    if (before < turnBytes && thisTurnBytes >= turnBytes) setImmediate(nextTurn);
    return thisTurnBytes < turnBytes;
  });
  socket.setNoDelay(true);
  // Before any listener of a TLS socket, which would begin its handshake.
  socket.prependOnceListener('connect', () => {
    const verdict = socket.remoteAddress === undefined ? undefined : options.policy.check(socket.remoteAddress);
    if (verdict === undefined) end('ECONNRESET');
    else if (!verdict.allowed) end(undefined, verdict.rule);
  });
  socket.once(url.secure ? 'secureConnect' : 'connect', () => {
    if (!over) events.ready();
  });
  socket.on('error', (error: NodeJS.ErrnoException) =>
    error instanceof AddressDenied ? end(undefined, error.rule) : end(codeOf(error)),
  );
  socket.on('end', () => end(undefined));
  socket.on('close', () => end(undefined));
  return {
    write: (text) => {
      thisTurnBytes = 0;
      socket.write(text, 'latin1');
    },
    destroy() {
      over = true;
      socket.destroy();
    },
  };
}

function connect(url: PageUrl, tls: WireTls, options: WireOptions, take: (bytes: Uint8Array) => boolean): Socket {
  const { readBuffer, lookup } = options;
  const callback = (length: number): boolean => take(readBuffer.subarray(0, length));
  const shared = { host: url.host, port: url.port, lookup, onread: { buffer: readBuffer, callback } };
  if (!url.secure) return connectTcp(shared);
  // Without a name the address itself is verified.
  const servername = tls.serverName ?? (url.literal ? '' : url.host);
  return connectTls({
    ...shared,
    servername,
    ALPNProtocols: ['http/1.1'],
    secureContext: tls.secureContext(),
    rejectUnauthorized: tls.verify,
  });
}

/** Several addresses that all failed come as one error, whose code is that of the last. */
function codeOf(error: NodeJS.ErrnoException): string | undefined {
  if (error.code !== undefined) return error.code;
  return error instanceof AggregateError ? (error.errors.at(-1) as NodeJS.ErrnoException | undefined)?.code : undefined;
}
