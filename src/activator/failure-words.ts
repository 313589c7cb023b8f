import type { ApiError } from './http/api-error.ts';

const connectionCodes: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'it refuses connections',
  ECONNRESET: 'it reset the connection',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
  ETIMEDOUT: 'it does not answer',
  UND_ERR_CONNECT_TIMEOUT: 'it does not answer',
  UND_ERR_SOCKET: 'it ended the connection',
};

/** What a client is told of a replica that gave no answer. Says nothing of addresses. */
export function replicaError(error: Error, wasSent: boolean): ApiError {
  const code = codeOf(error);
  if (code === 'UND_ERR_INVALID_ARG' || code === 'UND_ERR_NOT_SUPPORTED') {
    return { status: 400, code: 'bad_request', message: `this request can't be sent on: ${error.message}` };
  }
  if (error.name === 'BodyTooLarge') {
    return { status: 413, code: 'body_too_large', message: 'the body has more bytes than are accepted' };
  }
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') {
    return { status: 504, code: 'response_timeout', message: 'the replica did not answer in time' };
  }
  if (code.startsWith('HPE_') || error.name === 'HTTPParserError') {
    return { status: 502, code: 'replica_failed', message: 'the replica does not speak HTTP/1.1 on this port' };
  }
  const why = connectionCodes[code] ?? 'the connection failed';
  if (!wasSent) return { status: 502, code: 'replica_unreachable', message: `the replica can't be reached: ${why}` };
  const message = `the replica was sent this request and gave no answer: ${why}; it may have run`;
  return { status: 502, code: 'replica_failed', message };
}

/** A request that no replica would be sent, so another one need not be tried. */
export function isRequestsFault(error: Error): boolean {
  return /^UND_ERR_(INVALID_ARG|NOT_SUPPORTED)$/.test(codeOf(error));
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}
