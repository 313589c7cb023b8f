/** Why a scrape gave no body. A closed set: each is a value of the label `reason` and a word on the status page. */
export type ScrapeFailure =
  | 'refused'
  | 'unreachable'
  | 'timeout'
  | 'http-status'
  | 'redirect'
  | 'unauthorized'
  | 'not-found'
  | 'body-too-large'
  | 'malformed-response'
  | 'truncated'
  | 'denied-by-policy';

/**
 * `detail` is one line for people: what was expected and what was found. It never repeats what the endpoint answered.
 * `rule` is given where the address policy refused: its word for why.
 */
export type ScrapeOutcome =
  | { readonly ok: true; readonly contentType: string; readonly bodyBytes: number }
  | { readonly ok: false; readonly failure: ScrapeFailure; readonly detail: string; readonly rule?: string };

/** Takes the body as it comes. A chunk is valid only during the call. */
export interface BodySink {
  /** Called once before the first chunk. */
  start(contentType: string): void;
  chunk(bytes: Uint8Array): void;
}
