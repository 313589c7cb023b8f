import type { Answers, MetricSpec } from '../triggers/answers.ts';
import { ScalerError } from '../triggers/scaler-error.ts';
import type { TriggerRef } from '../triggers/trigger-ref.ts';
import type { StreamKeeper } from './answer-stream.ts';
import { answerStream } from './answer-stream.ts';
import { answerUnary } from './answer-unary.ts';
import type { ExternalScalerHandlers } from './generated/externalscaler/ExternalScaler.ts';
import type { GetMetricSpecResponse } from './generated/externalscaler/GetMetricSpecResponse.ts';
import type { GetMetricsRequest__Output } from './generated/externalscaler/GetMetricsRequest.ts';
import type { GetMetricsResponse } from './generated/externalscaler/GetMetricsResponse.ts';
import type { ScaledObjectRef__Output } from './generated/externalscaler/ScaledObjectRef.ts';
import type { GrpcEvents } from './grpc-events.ts';
import { pushStream } from './push-stream.ts';

/** KEDA's ExternalScaler service. Translates between the wire and `Answers`; decides nothing. */
export function externalScaler(
  answers: Answers,
  keeper: StreamKeeper,
  events: GrpcEvents,
  answerWithinMs: number,
): ExternalScalerHandlers {
  const unary = { events, answerWithinMs, keeper };
  return {
    IsActive: answerUnary('IsActive', unary, async (ref: ScaledObjectRef__Output) => {
      return { result: (await answers.answer(triggerOf(ref))).active };
    }),
    GetMetricSpec: answerUnary('GetMetricSpec', unary, async (ref: ScaledObjectRef__Output) => {
      return specResponse(answers.metricSpec(triggerOf(ref)));
    }),
    GetMetrics: answerUnary('GetMetrics', unary, (request: GetMetricsRequest__Output) => metrics(answers, request)),
    StreamIsActive: answerStream('StreamIsActive', keeper, events, (call) => {
      const stream = pushStream(call);
      const close = answers.openPushStream(triggerOf(call.request), stream);
      return () => {
        stream.close();
        close();
      };
    }),
    StreamMetricSpec: answerStream('StreamMetricSpec', keeper, events, (call) => {
      call.write(specResponse(answers.metricSpec(triggerOf(call.request))));
      return () => {};
    }),
  };
}

async function metrics(answers: Answers, request: GetMetricsRequest__Output): Promise<GetMetricsResponse> {
  const ref = triggerOf(request.scaledObjectRef);
  const { metricName } = answers.metricSpec(ref);
  if (request.metricName !== metricName) {
    const found = JSON.stringify(request.metricName.slice(0, 80));
    throw new ScalerError('unknown-metric', `expected this trigger's metric "${metricName}", found ${found}`);
  }
  const { metricValue } = await answers.answer(ref);
  return { metricValues: [{ metricName, ...bothNumbers('metricValue', metricValue) }] };
}

function specResponse({ metricName, targetValue }: MetricSpec): GetMetricSpecResponse {
  return { metricSpecs: [{ metricName, ...bothNumbers('targetSize', targetValue) }] };
}

/**
 * KEDA takes the float only where it is above 0, and before 2.17 knows the integer alone: both are filled in, the
 * integer rounded up. KEDA reads what is no number as 0, which would end the workload: that is refused here. A page may
 * claim as much as a number can hold, and several pages more; KEDA multiplies by a thousand in 64 bits, so what is told
 * ends at 2^53 − 1, which is beyond every replica count all the same.
 */
function bothNumbers<Field extends string>(field: Field, value: number): Record<Field | `${Field}Float`, number> {
  if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) throw new RangeError(`${field} can't be ${value}`);
  const told = Math.min(value, Number.MAX_SAFE_INTEGER);
  const numbers = { [field]: Math.ceil(told), [`${field}Float`]: told };
  return numbers as Record<Field | `${Field}Float`, number>;
}

function triggerOf(ref: ScaledObjectRef__Output | null): TriggerRef {
  if (ref === null) throw new ScalerError('invalid-trigger-metadata', 'missing scaledObjectRef');
  const { name, namespace, scalerMetadata } = ref;
  if (name === '') throw new ScalerError('invalid-trigger-metadata', 'missing scaledObjectRef.name');
  if (namespace === '') throw new ScalerError('invalid-trigger-metadata', 'missing scaledObjectRef.namespace');
  return { namespace, name, metadata: scalerMetadata };
}
