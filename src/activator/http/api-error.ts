import type { Exchange } from './exchange.ts';

/** Why a request gets no answer of a replica. `code` is for machines, and stays as it is. */
export interface ApiError {
  readonly status: number;
  readonly code: ErrorCode;
  readonly message: string;
  /** When it is worth trying again. */
  readonly retryAfterSeconds?: number | undefined;
}

/** A closed set: each is a value of the label `reason`. */
export type ErrorCode =
  | 'bad_request'
  | 'unknown_host'
  | 'model_not_found'
  | 'body_too_large'
  | 'queue_full'
  | 'hold_timeout'
  | 'shutting_down'
  | 'asleep'
  | 'replica_unreachable'
  | 'replica_failed'
  | 'response_timeout'
  | 'not_supported';

/** OpenAI's own words for the kinds of its errors. */
function typeOf(status: number): string {
  if (status === 429) return 'rate_limit_error';
  return status < 500 ? 'invalid_request_error' : 'server_error';
}

/** In which API's shape a path's errors are told. */
type Shape = 'openai' | 'anthropic' | 'kserve' | 'text';

function shapeOf(path: string): Shape {
  if (/\/v1\/messages(\/|$)/.test(path)) return 'anthropic';
  if (/\/v2\/models(\/|$)/.test(path)) return 'kserve';
  return /\/v\d\//.test(path) ? 'openai' : 'text';
}

/** The error as the body of an answer to a request for `path`. */
export function errorBody(path: string, error: ApiError): { readonly contentType: string; readonly body: string } {
  const json = (value: unknown) => ({ contentType: 'application/json', body: JSON.stringify(value) });
  switch (shapeOf(path)) {
    case 'openai':
      return json({ error: openAiError(error) });
    case 'anthropic':
      return json(anthropicError(error));
    case 'kserve':
      return json({ error: error.message });
    case 'text':
      return { contentType: 'text/plain; charset=utf-8', body: `${error.message}\n` };
  }
}

/** The error as the last event of a stream that has begun. */
export function errorEvent(path: string, error: ApiError): string {
  if (shapeOf(path) === 'anthropic') return `event: error\ndata: ${JSON.stringify(anthropicError(error))}\n\n`;
  return `data: ${JSON.stringify({ error: openAiError(error) })}\n\n`;
}

function openAiError({ status, code, message }: ApiError) {
  return { message, type: typeOf(status), param: code === 'model_not_found' ? 'model' : null, code };
}

function anthropicError({ status, message }: ApiError) {
  const type = { 404: 'not_found_error', 413: 'request_too_large', 429: 'rate_limit_error', 503: 'overloaded_error' };
  const fallback = status < 500 ? 'invalid_request_error' : 'api_error';
  return { type: 'error', error: { type: type[status as keyof typeof type] ?? fallback, message } };
}

/** Answers with an error, unless an answer has begun or nobody is there any more. */
export function sendError(exchange: Exchange, error: ApiError): void {
  const { response, isHttp2, method } = exchange;
  if (response.headersSent || response.destroyed) return;
  const { contentType, body } = errorBody(exchange.path, error);
  response.statusCode = error.status;
  response.setHeader('content-type', contentType);
  response.setHeader('content-length', Buffer.byteLength(body));
  response.setHeader('cache-control', 'no-store');
  if (error.retryAfterSeconds !== undefined) response.setHeader('retry-after', error.retryAfterSeconds);
  // Node reads the rest of a body and throws it away. What is too large already is not worth reading to its end.
  if (!isHttp2 && error.status === 413) response.setHeader('connection', 'close');
  response.end(method === 'HEAD' ? undefined : body);
}
