/** Every way a request can be refused. A new code does not compile until `grpc/` maps it. */
export type ScalerErrorCode =
  | 'invalid-trigger-metadata'
  | 'unknown-metric'
  | 'limit-reached'
  | 'denied-by-policy'
  | 'reading-unavailable';

/** A code for machines and one line for people, who meet it in KEDA's events: what was expected, what was found, no secret. */
export class ScalerError extends Error {
  override readonly name = 'ScalerError';
  readonly code: ScalerErrorCode;

  constructor(code: ScalerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
