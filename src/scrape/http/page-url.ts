import { isIP } from 'node:net';

/** Where a page is, taken apart once. */
export interface PageUrl {
  readonly text: string;
  readonly secure: boolean;
  /** Host name or address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** Whether `host` is an address, so that no resolver is asked. */
  readonly literal: boolean;
  /** Host and port as a `Host` header and people have them. */
  readonly authority: string;
  /** What connections may be shared for: the scheme and the authority. */
  readonly origin: string;
  /** Path and query. */
  readonly path: string;
}

/** Reads an absolute `http` or `https` URL. `undefined` for anything else, and where it has user info or a fragment. */
export function parsePageUrl(text: string): PageUrl | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) return undefined;
  if (url.username !== '' || url.password !== '' || url.hash !== '') return undefined;
  const secure = url.protocol === 'https:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  const path = `${url.pathname}${url.search}`;
  return { text, secure, host, port, literal: isIP(host) !== 0, authority: url.host, origin: url.origin, path };
}
