import type { ScrapeFailure, ScrapeOutcome } from '../scrape-outcome.ts';
import type { PageAccess } from './page-access.ts';
import type { PageUrl } from './page-url.ts';

/** An outcome that is no page. */
export type FailedScrape = Extract<ScrapeOutcome, { ok: false }>;

/** `url`: what was asked for. The rest of the line says what was found and what to do about it. */
export function failed(failure: ScrapeFailure, url: string, found: string): FailedScrape {
  return { ok: false, failure, detail: `expected a metrics page at ${url}, got ${found}` };
}

/** What a status other than 200 means for whoever wanted a page. */
export function statusFailure(status: number, url: string, sentCredential: boolean): FailedScrape {
  if (status === 404) return failed('not-found', url, '404; metrics may be switched off on the server');
  if (status === 401 || status === 403) {
    return failed('unauthorized', url, `${status}${sentCredential ? credentialRefused : credentialWanted(url)}`);
  }
  if (status >= 300 && status < 400 && status !== 304) {
    return failed('redirect', url, `${status}; redirects are not followed, give the page's own address`);
  }
  return failed('http-status', url, `status ${status}; only 200 is read`);
}

const credentialRefused = ' although a credential was sent; is it still valid, and may it read this page?';

function credentialWanted(url: string): string {
  const overHttp = url.startsWith('https:') ? '' : ', which goes over plain http only with allowPlainHttp';
  return (
    ' and no credential was sent; let the scaler read the page without one, or have the operator name one for it ' +
    `(--scrape-credentials-file)${overHttp}`
  );
}

/** Why no byte of a response came, from the code of a socket's or resolver's error. */
export function unreachable(url: PageUrl, code: string | undefined, access: PageAccess | undefined): FailedScrape {
  const { text, authority, host } = url;
  // Many servers hang up without a word on whoever does not begin with a handshake.
  if (!url.secure && (code === undefined || code === 'ECONNRESET' || code === 'EPIPE')) {
    const found = code === undefined ? `no response from ${authority}` : connectWords[code]!.replace('HOST', authority);
    return failed('unreachable', text, `${found}; where it speaks TLS, set scheme: https`);
  }
  const words = code === undefined ? undefined : wordsOf(code, access);
  if (words === undefined) {
    return failed(
      'unreachable',
      text,
      code === undefined ? `no response from ${authority}` : `${code} from ${authority}`,
    );
  }
  const name = access?.tls?.serverName ?? host;
  const failure = code === 'ECONNREFUSED' ? 'refused' : 'unreachable';
  return failed(failure, text, words.replaceAll('HOST', authority).replaceAll('NAME', name));
}

function wordsOf(code: string, access: PageAccess | undefined): string | undefined {
  if (!strangersCodes.has(code)) return connectWords[code];
  return access?.hasOwnAuthority === true ? strangerToOne : strangerToAll;
}

export function deniedByPolicy(url: string, rule: string): FailedScrape {
  const found = `an address that must not be reached (${rule})`;
  const outcome = failed('denied-by-policy', url, `${found}; only an operator can allow it, by --endpoint-allow-cidrs`);
  return { ...outcome, rule };
}

/** `seen`: how far the response had come. */
export function timedOut(url: string, timeoutMs: number, seen: string): FailedScrape {
  return failed('timeout', url, `${seen} within ${timeoutMs} ms; look at the server's load or allow more time`);
}

/** `seen`: how far the response had come when it had to make room. */
export function givenUp(url: string, afterMs: number, seen: string): FailedScrape {
  const found = `${seen} within ${Math.round(afterMs)} ms, and no room to wait longer beside other slow pages`;
  return failed('timeout', url, `${found}; look at the servers' load`);
}

export function bodyTooLarge(url: string, maxBodyBytes: number): FailedScrape {
  return failed('body-too-large', url, `more than ${maxBodyBytes} bytes; is this the metrics page?`);
}

export function truncatedAfter(url: string, bodyBytes: number): FailedScrape {
  return failed('truncated', url, `a response that was cut after ${bodyBytes} bytes; look at the server's log`);
}

export function malformedResponse(url: string, found: string): FailedScrape {
  return failed(
    'malformed-response',
    url,
    found.includes(';') ? found : `${found}; is this the right port and scheme?`,
  );
}

/** What a server that does not answer in HTTP/1 speaks, told by the first bytes that it sent to a plain request. */
export function spokenInstead(url: PageUrl, first: Uint8Array): string | undefined {
  const isTls = first[0] === TLS_ALERT && first[1] === TLS_MAJOR_VERSION;
  if (isTls && !url.secure) return `TLS from ${url.authority}; set scheme: https`;
  const isFrame = first.length >= 9 && (first[3] === H2_SETTINGS || first[3] === H2_GOAWAY);
  const isConnectionFrame = first.subarray(5, 9).every((byte) => byte === 0);
  if (!isFrame || !isConnectionFrame) return undefined;
  return `HTTP/2 alone from ${url.authority}, while pages are read in HTTP/1; give the port of the metrics page`;
}

/** Whether an error page says that TLS was expected: Go's servers, nginx and Apache answer plain requests so. */
export function wantsTls(status: number, body: string): boolean {
  return status === 400 && /HTTPS server|HTTPS port|SSL-enabled server port|plain HTTP request/i.test(body);
}

/** RFC 8446, section 5.1, and RFC 9113, section 6. */
const TLS_ALERT = 21;
const TLS_MAJOR_VERSION = 3;
const H2_SETTINGS = 4;
const H2_GOAWAY = 7;

export function notAPageUrl(url: string): FailedScrape {
  // Not repeated: what is refused here may hold a password.
  const found = URL.canParse(url) ? `a URL of ${JSON.stringify(new URL(url).protocol)}` : 'no URL';
  const detail = `expected a URL such as http://host:port/metrics without user name, password or fragment, found ${found}`;
  return { ok: false, failure: 'denied-by-policy', detail, rule: 'not-a-page-url' };
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
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'no common version of TLS with HOST; it must speak 1.2 or later',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'no common version of TLS with HOST; it must speak 1.2 or later',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'a demand of HOST for a client certificate, which the scaler has none of',
  ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL:
    'HTTP/2 alone from HOST, while pages are read in HTTP/1; give the port of the metrics page',
  ERR_TLS_CERT_ALTNAME_INVALID:
    'a certificate of HOST that is for another name than NAME; dial it by its name, have the operator give that ' +
    '(serverName in --scrape-credentials-file), or use http',
  CERT_HAS_EXPIRED: 'a certificate of HOST that has expired; renew it',
  CERT_NOT_YET_VALID: 'a certificate of HOST that is not valid yet; wait, or set the clocks right',
};

/** Certificates of authorities that are not trusted, in the words of OpenSSL. */
const strangersCodes: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_SIGNATURE_FAILURE',
]);
const strangerToAll =
  'a certificate of HOST that no known authority signed; have the operator name the authority ' +
  '(caFile in --scrape-credentials-file), or use http';
const strangerToOne =
  'a certificate of HOST that the authority named for it did not sign; the operator must name the one that did (caFile)';
