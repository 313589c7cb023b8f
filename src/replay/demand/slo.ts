/** What a request's answer has to keep. */
export interface Slo {
  /** Milliseconds to its first token, waiting included. */
  readonly timeToFirstTokenMs: number;
  /** Milliseconds for each further token, in its mean. */
  readonly timePerOutputTokenMs: number;
}
