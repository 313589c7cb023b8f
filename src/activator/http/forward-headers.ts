import type { Exchange } from './exchange.ts';

/** They concern one connection alone (RFC 9110, 7.6.1), or the proxy that is asked. */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  // What was expected of us has been answered by us.
  'expect',
]);

/** Names a `Connection` header adds to those. */
function namedByConnection(value: string | undefined): ReadonlySet<string> | undefined {
  if (value === undefined) return undefined;
  const names = value.split(',').map((name) => name.trim().toLowerCase());
  // These say where a message ends or goes: no client may have them taken away.
  return new Set(names.filter((name) => name !== 'content-length' && name !== 'host'));
}

/** Written anew, because a proxy adds to them. */
const forwarding = new Set(['forwarded', 'x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host']);

/**
 * The headers a request is sent on with, as name, value, name, value: the client's, without those of one connection,
 * and with who asked (`Forwarded`, RFC 7239, and the `X-Forwarded-` ones). What earlier proxies said stays in front;
 * it is not checked. Everything else, `traceparent` included, passes as it is.
 */
export function requestHeaders(exchange: Exchange): string[] {
  const { request, host, isSecure, header } = exchange;
  const { rawHeaders } = request;
  const named = namedByConnection(header('connection'));
  const out: string[] = ['host', host];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!.toLowerCase();
    if (name === 'host' || name.startsWith(':') || hopByHop.has(name) || forwarding.has(name)) continue;
    if (named?.has(name)) continue;
    out.push(name, rawHeaders[at + 1]!);
  }
  const address = clientAddress(exchange);
  const proto = isSecure ? 'https' : 'http';
  out.push('forwarded', joined(header('forwarded'), forwardedElement(address, host, proto)));
  out.push('x-forwarded-for', joined(header('x-forwarded-for'), address));
  out.push('x-forwarded-proto', header('x-forwarded-proto') ?? proto);
  out.push('x-forwarded-host', header('x-forwarded-host') ?? host);
  return out;
}

/** Without the prefix of an IPv4 address that came through an IPv6 socket. */
function clientAddress({ request }: Exchange): string {
  return (request.socket.remoteAddress ?? 'unknown').replace(/^::ffff:/, '');
}

function forwardedElement(address: string, host: string, proto: string): string {
  const by = address.includes(':') ? `"[${address}]"` : address;
  return `for=${by};host="${host.replace(/["\\]/g, '')}";proto=${proto}`;
}

function joined(before: string | undefined, own: string): string {
  return before === undefined || before === '' ? own : `${before}, ${own}`;
}

/** A response's headers as they are sent on: name, value, name, value, names in lower case. */
export function responseHeaders(raw: readonly (Buffer | string)[]): string[] {
  const pairs: string[] = [];
  let connection: string | undefined;
  for (let at = 0; at < raw.length; at += 2) {
    const name = text(raw[at]!).toLowerCase();
    const value = text(raw[at + 1]!);
    if (name === 'connection') connection = joined(connection, value);
    pairs.push(name, value);
  }
  const named = namedByConnection(connection);
  const out: string[] = [];
  for (let at = 0; at < pairs.length; at += 2) {
    const name = pairs[at]!;
    if (!hopByHop.has(name) && !named?.has(name)) out.push(name, pairs[at + 1]!);
  }
  return out;
}

/** Headers are bytes; each becomes the character of its number, and Node writes it back as that byte. */
function text(raw: Buffer | string): string {
  return typeof raw === 'string' ? raw : raw.toString('latin1');
}

/** The value of the first header of that name. */
export function firstValue(pairs: readonly string[], name: string): string | undefined {
  for (let at = 0; at < pairs.length; at += 2) if (pairs[at] === name) return pairs[at + 1];
  return undefined;
}
