export type UnaryMethod = 'IsActive' | 'GetMetricSpec' | 'GetMetrics';
export type StreamMethod = 'StreamIsActive' | 'StreamMetricSpec';

/** What this room wants counted or logged. `code` is gRPC's word for the status, such as `OK` or `UNAVAILABLE`. */
export interface GrpcEvents {
  handled(method: UnaryMethod, code: string, seconds: number): void;
  streamOpened(method: StreamMethod): void;
  streamClosed(method: StreamMethod, code: string): void;
  /** A message above the limit on its size was refused unread. */
  messageTooLarge(method: string): void;
  /** A fault of ours, answered with `INTERNAL`: nothing of it was told to the caller. */
  failed(method: UnaryMethod | StreamMethod, error: unknown): void;
}
