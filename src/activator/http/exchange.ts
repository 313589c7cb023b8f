import type { IncomingMessage, ServerResponse } from 'node:http';

/** One request and the way to answer it. HTTP/2's are used through Node's compatible interface. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly method: string;
  /** Path and query, always with a leading slash. */
  readonly target: string;
  /** `target` without its query. */
  readonly path: string;
  /** As the client named it, port included; empty where it named none. */
  readonly host: string;
  /** The one header of that name, or all of them joined. */
  header(name: string): string | undefined;
  readonly isSecure: boolean;
  readonly isHttp2: boolean;
  /** It waits for `100 Continue` before it sends its body. */
  readonly expectsContinue: boolean;
}

export type ReadExchange =
  | { readonly ok: true; readonly exchange: Exchange }
  | { readonly ok: false; readonly status: 400 | 501; readonly message: string };

/**
 * Takes a request in, or says why it must not be forwarded. What Node's own parser refuses (conflicting or repeated
 * lengths, broken heads) never comes here; what it allows, but two servers could understand in two ways, is refused.
 */
export function readExchange(
  request: IncomingMessage,
  response: ServerResponse,
  expectsContinue: boolean,
): ReadExchange {
  const isHttp2 = request.httpVersionMajor === 2;
  const { headers } = request;
  const coding = headers['transfer-encoding'];
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') {
    return { ok: false, status: 501, message: 'expected no transfer coding but "chunked"' };
  }
  const place = placeOf(request.url ?? '/', isHttp2 ? (headers[':authority'] ?? headers.host) : headers.host);
  if (place === undefined) return { ok: false, status: 400, message: 'expected a path that begins with "/"' };
  if (!isHttp2 && request.httpVersion === '1.1' && headers.host === undefined) {
    return { ok: false, status: 400, message: 'expected one Host header' };
  }
  if (/[\s@/\\?#]/.test(place.host)) return { ok: false, status: 400, message: 'expected a host and port as Host' };
  const header = (name: string): string | undefined => {
    const value = headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  };
  const isSecure = 'encrypted' in request.socket && request.socket.encrypted === true;
  const method = request.method ?? 'GET';
  const exchange = { request, response, method, ...place, header, isSecure, isHttp2, expectsContinue };
  return { ok: true, exchange };
}

interface RequestPlace {
  readonly target: string;
  readonly path: string;
  readonly host: string;
}

/** A whole URL as the target names the host itself (RFC 9112, 3.2.2), and is sent on as a path. */
function placeOf(url: string, host: unknown): RequestPlace | undefined {
  let target = url;
  let named = typeof host === 'string' ? host : '';
  if (!url.startsWith('/')) {
    const [, authority, rest] = /^https?:\/\/([^/?#]+)([^#]*)$/i.exec(url) ?? [];
    if (authority === undefined) return url === '*' ? { target: '*', path: '*', host: named } : undefined;
    named = authority;
    target = rest!.startsWith('/') ? rest! : `/${rest}`;
  }
  const query = target.indexOf('?');
  return { target, path: query === -1 ? target : target.slice(0, query), host: named };
}
