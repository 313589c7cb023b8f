import type { ScrapeFailure, ScrapeOutcome } from './scrape-outcome.ts';

/** An outcome that is no page. */
export type FailedScrape = Extract<ScrapeOutcome, { ok: false }>;

/** `url`: what was asked for. The rest of the line says what was found and what to do about it. */
export function failed(failure: ScrapeFailure, url: string, found: string): FailedScrape {
  return { ok: false, failure, detail: `expected a metrics page at ${url}, got ${found}` };
}

/** What a status other than 200 means for whoever wanted a page. */
export function statusFailure(status: number, url: string): FailedScrape {
  if (status === 404) return failed('not-found', url, '404; metrics may be switched off on the server');
  if (status === 401 || status === 403) {
    return failed('unauthorized', url, `${status}; let the scaler read the page without credentials`);
  }
  if (status >= 300 && status < 400 && status !== 304) {
    return failed('redirect', url, `${status}; redirects are not followed, give the page's own address`);
  }
  return failed('http-status', url, `status ${status}; only 200 is read`);
}

/** Why no byte of a response came, from the code of a socket's or resolver's error. */
export function unreachable(url: string, authority: string, code: string | undefined): FailedScrape {
  const words = code === undefined ? undefined : connectWords[code];
  if (words !== undefined) return failed('unreachable', url, words.replaceAll('HOST', authority));
  return failed('unreachable', url, code === undefined ? `no response from ${authority}` : `${code} from ${authority}`);
}

export function deniedByPolicy(url: string, rule: string): FailedScrape {
  return failed(
    'denied-by-policy',
    url,
    `an address that must not be reached (${rule}); only an operator can allow it`,
  );
}

/** `seen`: how far the response had come. */
export function timedOut(url: string, timeoutMs: number, seen: string): FailedScrape {
  return failed('timeout', url, `${seen} within ${timeoutMs} ms; look at the server's load or allow more time`);
}

export function bodyTooLarge(url: string, maxBodyBytes: number): FailedScrape {
  return failed('body-too-large', url, `more than ${maxBodyBytes} bytes; is this the metrics page?`);
}

export function truncatedAfter(url: string, bodyBytes: number): FailedScrape {
  return failed('truncated', url, `a response that was cut after ${bodyBytes} bytes; look at the server's log`);
}

export function malformedResponse(url: string, found: string): FailedScrape {
  return failed('malformed-response', url, `${found}; is this the right port and scheme?`);
}

export function notAPageUrl(url: string): FailedScrape {
  // Not repeated: what is refused here may hold a password.
  const found = URL.canParse(url) ? `a URL of ${JSON.stringify(new URL(url).protocol)}` : 'no URL';
  const detail = `expected a URL such as http://host:port/metrics without user name, password or fragment, found ${found}`;
  return { ok: false, failure: 'denied-by-policy', detail };
}

const connectWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused by HOST; is the server up and listening there?',
  ECONNRESET: 'a connection that HOST reset before it answered',
  EPIPE: 'a connection that HOST reset before it answered',
  ETIMEDOUT: 'no connection to HOST; is there a network policy between?',
  EHOSTUNREACH: 'no route to HOST; is the address still in use?',
  ENETUNREACH: 'no route to HOST; is the address still in use?',
  ENOTFOUND: 'no address for the name in HOST; is it spelled right?',
  EAI_AGAIN: 'no answer from the name server about HOST; try again',
  ENODATA: 'no address for the name in HOST; is it spelled right?',
  EPROTO: 'no TLS from HOST; is the scheme http?',
  ERR_SSL_WRONG_VERSION_NUMBER: 'no TLS from HOST; is the scheme http?',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'no TLS from HOST; is the scheme http?',
  ERR_TLS_CERT_ALTNAME_INVALID: 'a certificate of HOST that is for another name; use that name, or http',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'a certificate of HOST that no known authority signed; give the authority, or use http',
  SELF_SIGNED_CERT_IN_CHAIN: 'a certificate of HOST that no known authority signed; give the authority, or use http',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'a certificate of HOST that no known authority signed; give the authority, or use http',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'a certificate of HOST that no known authority signed; give the authority, or use http',
  CERT_HAS_EXPIRED: 'a certificate of HOST that has expired; renew it',
};
