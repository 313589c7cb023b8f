import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Readable } from 'node:stream';
import type { AxiosInstance, AxiosResponse } from 'axios';
import axios from 'axios';
import type { AddressPolicy } from '../../config/access/address-policy.ts';
import type { PageRequest } from '../page-client.ts';
import type { ScrapeOutcome } from '../scrape-outcome.ts';
import {
  bodyTooLarge,
  deniedByPolicy,
  malformedResponse,
  notAPageUrl,
  spokenInstead,
  timedOut,
  truncatedAfter,
  unreachable,
} from './failure-detail.ts';
import type { AccessMaterial } from './page-access.ts';
import { pageAccess } from './page-access.ts';
import { PageTaker } from './page-taker.ts';
import type { PageUrl } from './page-url.ts';
import { parsePageUrl } from './page-url.ts';
import { AddressDenied, policyLookup } from './policy-lookup.ts';
import type { ResponseHead } from './response-head.ts';
import { encodingOf } from './response-head.ts';

export interface FetchLimits {
  /** From the call to the last byte, connecting included. */
  readonly timeoutMs: number;
  /** After decompression. */
  readonly maxBodyBytes: number;
}

/** What goes with a request, and where it may go. */
export interface FetchTerms {
  /** Without one every address may be read: only for a URL that an operator typed. */
  readonly policy?: AddressPolicy;
  readonly access?: AccessMaterial;
}

export interface FetchedPage {
  readonly outcome: ScrapeOutcome;
  /** The decompressed body; what had come of it where the outcome is a failure. */
  readonly body: Uint8Array;
}

/**
 * Reads one page once, for questions that are rare. Never rejects. Judges as the scrape loop does: no redirects, no
 * proxies, one total deadline.
 */
export async function fetchPage(url: string, limits: FetchLimits, terms: FetchTerms = {}): Promise<FetchedPage> {
  const chunks: Uint8Array[] = [];
  const sink = { start: () => {}, chunk: (bytes: Uint8Array) => void chunks.push(bytes) };
  const request = { url, access: terms.access && pageAccess(terms.access), startedAtMs: 0, ...limits, sink };
  const outcome = await read({ ...request, done: () => {} }, terms);
  return { outcome, body: Buffer.concat(chunks) };
}

async function read(request: PageRequest, terms: FetchTerms): Promise<ScrapeOutcome> {
  const { url: text, timeoutMs, maxBodyBytes } = request;
  const url = parsePageUrl(text);
  if (url === undefined) return notAPageUrl(text);
  const verdict = url.literal ? terms.policy?.check(url.host) : undefined;
  if (verdict?.allowed === false) return deniedByPolicy(text, verdict.rule);
  const taker = new PageTaker(request);
  const deadline = AbortSignal.timeout(timeoutMs);
  const over = new AbortController();
  try {
    const signal = AbortSignal.any([deadline, over.signal]);
    const response = await clientFor(maxBodyBytes, terms).get<Readable>(text, { signal });
    if (!taker.head(headOf(response))) return taker.refusal!;
    for await (const chunk of response.data) {
      if (!taker.body(chunk as Uint8Array)) return taker.refusal!;
    }
    return taker.finish();
  } catch (error) {
    if (deadline.aborted) return timedOut(text, timeoutMs, taker.seen);
    return outcomeOfError(error, url, request, taker);
  } finally {
    // Hangs up on what was refused.
    over.abort();
  }
}

function clientFor(maxBodyBytes: number, terms: FetchTerms): AxiosInstance {
  const authorization = terms.access?.authorization;
  return axios.create({
    headers: {
      accept: 'text/plain;version=0.0.4',
      'accept-encoding': 'identity',
      'user-agent': 'keda-llm-scaler',
      ...(authorization !== undefined && { authorization }),
    },
    // The environment's proxy must not see requests inside the cluster.
    proxy: false,
    maxRedirects: 0,
    decompress: false,
    responseType: 'stream',
    transformResponse: [],
    maxContentLength: maxBodyBytes,
    // Every status has words of its own.
    validateStatus: () => true,
    httpAgent: guarded(new HttpAgent(), terms.policy),
    httpsAgent: guarded(new HttpsAgent(tlsOptions(terms.access)), terms.policy),
  });
}

function tlsOptions(access: AccessMaterial | undefined) {
  if (access === undefined) return {};
  const { caPem: ca, serverName: servername, verify: rejectUnauthorized } = access;
  return { rejectUnauthorized, ...(ca !== undefined && { ca }), ...(servername !== undefined && { servername }) };
}

/** Makes an agent that looks names up under the policy, and checks the address once more when it is connected. */
function guarded<Kind extends HttpAgent>(agent: Kind, policy: AddressPolicy | undefined): Kind {
  if (policy === undefined) return agent;
  const lookup = policyLookup(policy);
  const create = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    const socket = create({ ...options, lookup }, callback);
    socket?.prependOnceListener('connect', () => {
      const address = 'remoteAddress' in socket && typeof socket.remoteAddress === 'string' ? socket.remoteAddress : '';
      const verdict = policy.check(address);
      if (!verdict.allowed) socket.destroy(new AddressDenied(verdict.rule));
    });
    return socket;
  };
  return agent;
}

function headOf({ status, headers }: AxiosResponse): ResponseHead {
  const header = (name: string): string | undefined => {
    const value: unknown = headers[name];
    return typeof value === 'string' ? value : undefined;
  };
  const length = header('content-length');
  const framing = length !== undefined ? 'length' : header('transfer-encoding') !== undefined ? 'chunked' : 'close';
  return {
    status,
    contentType: header('content-type') ?? '',
    contentEncoding: encodingOf(header('content-encoding')),
    framing,
    contentLength: Number(length ?? 0),
    keepAlive: false,
  };
}

function outcomeOfError(error: unknown, url: PageUrl, request: PageRequest, taker: PageTaker): ScrapeOutcome {
  const denial = denialIn(error);
  if (denial !== undefined) return deniedByPolicy(url.text, denial.rule);
  const code = error instanceof Error && 'code' in error && error.code !== undefined ? String(error.code) : undefined;
  if (code?.startsWith('HPE_')) {
    const spoken = spokenInstead(url, firstBytesIn(error));
    return malformedResponse(url.text, spoken ?? 'a response that is not HTTP/1');
  }
  if (code === 'ERR_BAD_RESPONSE') return bodyTooLarge(url.text, request.maxBodyBytes);
  return taker.begun ? truncatedAfter(url.text, taker.bodyBytes) : unreachable(url, code, request.access);
}

/** What Node's parser could not read. */
function firstBytesIn(error: unknown): Uint8Array {
  if (!(error instanceof Error)) return new Uint8Array();
  if ('rawPacket' in error && error.rawPacket instanceof Uint8Array) return error.rawPacket;
  return firstBytesIn(error.cause);
}

function denialIn(error: unknown): AddressDenied | undefined {
  if (error instanceof AddressDenied) return error;
  return error instanceof Error && error.cause !== undefined ? denialIn(error.cause) : undefined;
}
