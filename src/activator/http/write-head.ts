import type { ServerResponse } from 'node:http';
import type { Exchange } from './exchange.ts';

/**
 * Writes a response's status line and headers, given as name, value, name, value. Throws where a header can't be
 * written. The status text is left out: nobody reads it, and HTTP/2 has none.
 */
export function writeHead({ response, isHttp2 }: Exchange, status: number, pairs: readonly string[]): void {
  response.sendDate = false;
  if (isHttp2) response.writeHead(status, grouped(pairs));
  else response.writeHead(status, pairs as unknown as Parameters<ServerResponse['writeHead']>[1] & string[]);
}

function grouped(pairs: readonly string[]): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (let at = 0; at < pairs.length; at += 2) {
    const name = pairs[at]!;
    const value = pairs[at + 1]!;
    const before = headers[name];
    headers[name] = before === undefined ? value : [before, value].flat();
  }
  return headers;
}
