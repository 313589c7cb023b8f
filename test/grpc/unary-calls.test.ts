import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import type { GetMetricSpecResponse__Output } from '../../src/grpc/generated/externalscaler/GetMetricSpecResponse.ts';
import type { GetMetricsResponse__Output } from '../../src/grpc/generated/externalscaler/GetMetricsResponse.ts';
import type { IsActiveResponse__Output } from '../../src/grpc/generated/externalscaler/IsActiveResponse.ts';
import { toStatus } from '../../src/grpc/status.ts';
import type { ScalerErrorCode } from '../../src/triggers/scaler-error.ts';
import { ScalerError } from '../../src/triggers/scaler-error.ts';
import type { ScriptedScaler } from './scripted-scaler.ts';
import { call, ref, startScripted } from './scripted-scaler.ts';

const metricName = 'llm-concurrency';

function getMetrics({ client }: ScriptedScaler, request: object = { scaledObjectRef: ref, metricName }) {
  return call<GetMetricsResponse__Output>((reply) => client.GetMetrics(request, reply));
}

function isActive({ client }: ScriptedScaler, request: object = ref) {
  return call<IsActiveResponse__Output>((reply) => client.IsActive(request, reply));
}

function getMetricSpec({ client }: ScriptedScaler, request: object = ref) {
  return call<GetMetricSpecResponse__Output>((reply) => client.GetMetricSpec(request, reply));
}

describe('GetMetrics and IsActive', () => {
  it.each([
    ['idle: exactly zero in both fields', 0, 0],
    ['a fraction: exact, and rounded up', 12.5, 13],
    ['a whole number: twice the same', 40, 40],
    ['far less than one: the integer still says there is something', 0.001, 1],
    ['a very large load', 9e15, 9e15],
  ])('%s', async (_name, value, rounded) => {
    const scaler = await startScripted();
    scaler.answers.answerWith = async () => ({ metricValue: value, active: value > 0 });
    const want = { metricName, metricValue: rounded, metricValueFloat: value };
    expect(await getMetrics(scaler)).toEqual({ metricValues: [want] });
    expect(await isActive(scaler)).toEqual({ result: value > 0 });
    expect(scaler.events.lines).toEqual(['handled GetMetrics OK', 'handled IsActive OK']);
  });

  it('hands over who asks, with the metadata as written', async () => {
    const scaler = await startScripted();
    await isActive(scaler);
    expect(scaler.answers.asked).toEqual([{ name: 'llama', namespace: 'models', metadata: { targetValue: '32' } }]);
  });

  it.each([2 ** 53, 3 * Number.MAX_SAFE_INTEGER, 1e300])(
    'tells the most that KEDA can multiply in place of %d',
    async (sum) => {
      const scaler = await startScripted();
      scaler.answers.answerWith = async () => ({ metricValue: sum, active: true });
      const most = Number.MAX_SAFE_INTEGER;
      expect(await getMetrics(scaler)).toEqual({
        metricValues: [{ metricName, metricValue: most, metricValueFloat: most }],
      });
      expect(scaler.events.errors).toEqual([]);
    },
  );

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1])('refuses to report %d', async (metricValue) => {
    const scaler = await startScripted();
    scaler.answers.answerWith = async () => ({ metricValue, active: true });
    await expect(getMetrics(scaler)).rejects.toMatchObject({ code: status.INTERNAL });
    expect(scaler.events.errors).toHaveLength(1);
  });

  it('refuses a metric that is not this trigger’s', async () => {
    const scaler = await startScripted();
    const asked = getMetrics(scaler, { scaledObjectRef: ref, metricName: 's0-other' });
    await expect(asked).rejects.toMatchObject({
      code: status.NOT_FOUND,
      details: 'expected this trigger\'s metric "llm-concurrency", found "s0-other"',
    });
    expect(scaler.answers.asked).toEqual([]);
  });
});

describe('GetMetricSpec', () => {
  it.each([
    ['a whole target', 32, 32],
    ['a fraction: the integer is rounded up, never 0', 0.85, 1],
  ])('%s', async (_name, targetValue, targetSize) => {
    const scaler = await startScripted();
    scaler.answers.metricSpec = () => ({ metricName, targetValue });
    expect(await getMetricSpec(scaler)).toEqual({
      metricSpecs: [{ metricName, targetSize, targetSizeFloat: targetValue }],
    });
    expect(scaler.answers.asked).toEqual([]);
  });
});

describe('refusals', () => {
  const codes: Record<ScalerErrorCode, status> = {
    'invalid-trigger-metadata': status.INVALID_ARGUMENT,
    'unknown-metric': status.NOT_FOUND,
    'limit-reached': status.RESOURCE_EXHAUSTED,
    'denied-by-policy': status.FAILED_PRECONDITION,
    'reading-unavailable': status.UNAVAILABLE,
  };
  it.each(Object.entries(codes) as [ScalerErrorCode, status][])('%s keeps its words', async (code, want) => {
    const scaler = await startScripted();
    scaler.answers.answerWith = async () => {
      throw new ScalerError(code, `because of ${code}: größer als 3 €`);
    };
    const refusal = { code: want, details: `because of ${code}: größer als 3 €` };
    await expect(getMetrics(scaler)).rejects.toMatchObject(refusal);
    await expect(isActive(scaler)).rejects.toMatchObject(refusal);
    expect(scaler.events.lines).toEqual([`handled GetMetrics ${status[want]}`, `handled IsActive ${status[want]}`]);
  });

  it('a metadata error of GetMetricSpec', async () => {
    const scaler = await startScripted();
    scaler.answers.metricSpec = () => {
      throw new ScalerError('invalid-trigger-metadata', 'missing required parameter "targetValue"');
    };
    const refusal = { code: status.INVALID_ARGUMENT, details: 'missing required parameter "targetValue"' };
    await expect(getMetricSpec(scaler)).rejects.toMatchObject(refusal);
    await expect(getMetrics(scaler)).rejects.toMatchObject(refusal);
  });

  it.each([
    ['an Error', () => Promise.reject(new Error('secret path /etc/key'))],
    ['a string', () => Promise.reject('secret')],
    ['nothing', () => Promise.reject(undefined)],
    ['a status of its own', () => Promise.reject(Object.assign(new Error('secret'), { code: status.OK }))],
    [
      'an Error before there is a promise',
      () => {
        throw new Error('secret');
      },
    ],
  ])('%s thrown: INTERNAL, told to the log alone', async (_name, throwing) => {
    const scaler = await startScripted();
    scaler.answers.answerWith = throwing as never;
    await expect(getMetrics(scaler)).rejects.toMatchObject({ code: status.INTERNAL, details: 'internal error' });
    expect(scaler.events.lines).toEqual(['handled GetMetrics INTERNAL', 'failed GetMetrics']);
    expect(scaler.events.errors).toHaveLength(1);
  });

  it.each([
    ['no ScaledObjectRef', null, 'missing scaledObjectRef'],
    ['no name', { ...ref, name: '' }, 'missing scaledObjectRef.name'],
    ['no namespace', { ...ref, namespace: '' }, 'missing scaledObjectRef.namespace'],
  ])('%s', async (_name, scaledObjectRef, details) => {
    const scaler = await startScripted();
    const asked = getMetrics(scaler, { scaledObjectRef, metricName });
    await expect(asked).rejects.toMatchObject({ code: status.INVALID_ARGUMENT, details });
  });

  it('an answer that never comes is UNAVAILABLE in time', async () => {
    const scaler = await startScripted({ answerWithinMs: 50 });
    scaler.answers.answerWith = () => new Promise(() => {});
    const refusal = { code: status.UNAVAILABLE, details: 'no answer within 50 ms' };
    await expect(isActive(scaler)).rejects.toMatchObject(refusal);
    expect(await getMetricSpec(scaler)).toMatchObject({ metricSpecs: [{ targetSize: expect.any(Number) }] });
  });

  it('more than 64 KiB is refused, a little less is not', async () => {
    const scaler = await startScripted();
    const sized = (bytes: number) => ({ ...ref, scalerMetadata: { model: 'x'.repeat(bytes) } });
    expect(await isActive(scaler, sized(65_000))).toEqual({ result: false });
    await expect(isActive(scaler, sized(65_600))).rejects.toMatchObject({ code: status.RESOURCE_EXHAUSTED });
  });
});

describe('toStatus', () => {
  it.each([
    ['line breaks and control characters', 'one\r\ntwo\u0000three\u2028four', 'one two three four'],
    ['a lone surrogate', 'a\ud800b', 'a\ufffdb'],
    ['the longest text that KEDA can write into an event', 'x'.repeat(960), 'x'.repeat(960)],
    ['a longer text', 'x'.repeat(961), `${'x'.repeat(957)}…`],
    ['a long text of several bytes a character', `x${'€'.repeat(320)}`, `x${'€'.repeat(318)}…`],
  ])('makes one bounded line of %s', (_name, message, details) => {
    expect(toStatus(new ScalerError('limit-reached', message)).details).toBe(details);
  });
});
