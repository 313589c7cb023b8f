import { status } from '@grpc/grpc-js';
import type { ScalerErrorCode } from '../triggers/scaler-error.ts';
import { ScalerError } from '../triggers/scaler-error.ts';

const statusOf: Record<ScalerErrorCode, status> = {
  'invalid-trigger-metadata': status.INVALID_ARGUMENT, // The ScaledObject must change.
  'unknown-metric': status.NOT_FOUND,
  'limit-reached': status.RESOURCE_EXHAUSTED,
  'denied-by-policy': status.FAILED_PRECONDITION, // The operator must change the policy.
  'reading-unavailable': status.UNAVAILABLE, // KEDA asks again at its next poll.
};

/**
 * KEDA writes the text into an event, behind `rpc error: code = ResourceExhausted desc = `. The API server refuses the
 * whole event when both have more than 1,024 bytes (`NoteLengthLimit` of Kubernetes' validation).
 */
const longestDetailsBytes = 960;

/** How a call ended. `details` is one line for people. */
export interface CallStatus {
  readonly code: status;
  readonly details: string;
}

/** The only place that turns anything thrown into a gRPC status. What is not meant for users stays here. */
export function toStatus(error: unknown): CallStatus {
  if (!(error instanceof ScalerError)) return { code: status.INTERNAL, details: 'internal error' };
  return { code: statusOf[error.code], details: oneLine(error.message) };
}

/** gRPC carries the text in a header: no line breaks, no lone surrogates, a bounded length. */
function oneLine(text: string): string {
  const line = text
    .toWellFormed()
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim();
  const bytes = Buffer.from(line);
  if (bytes.length <= longestDetailsBytes) return line;
  // `stream` leaves out a character that the cut goes through.
  const kept = bytes.subarray(0, longestDetailsBytes - Buffer.byteLength('…'));
  return `${new TextDecoder().decode(kept, { stream: true })}…`;
}
