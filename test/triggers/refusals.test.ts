import { expect, it } from 'vitest';
import {
  MENDED_AFTER_MS,
  MOST_REFUSALS_PER_NAMESPACE,
  REFUSAL_KEPT_MS,
  Refusals,
} from '../../src/triggers/refusals.ts';
import { ScalerError } from '../../src/triggers/scaler-error.ts';

const ref = (name: string, namespace = 'models') => ({ namespace, name, metadata: {} });
const bad = (words = 'targetValue: missing') => new ScalerError('invalid-trigger-metadata', words);

it('tells what was refused, the newest question first, with what KEDA was told', () => {
  const refusals = new Refusals();
  refusals.note(ref('a'), bad(), 1000);
  refusals.note(ref('b'), new ScalerError('denied-by-policy', 'not there'), 3000);
  expect(refusals.recent(4000)).toEqual([
    { namespace: 'models', scaledObject: 'b', reason: 'denied-by-policy', detail: 'not there', askedAgoMs: 1000 },
    {
      namespace: 'models',
      scaledObject: 'a',
      reason: 'invalid-trigger-metadata',
      detail: 'targetValue: missing',
      askedAgoMs: 3000,
    },
  ]);
});

it('tells of a question that is asked again once, and of each of two faults', () => {
  const refusals = new Refusals();
  refusals.note(ref('a'), bad(), 0);
  refusals.note(ref('a'), bad('port: expected a number'), 10);
  refusals.note(ref('a'), bad(), 20);
  expect(refusals.recent(30).map(({ detail, askedAgoMs }) => `${detail} ${askedAgoMs}`)).toEqual([
    'targetValue: missing 10',
    'port: expected a number 20',
  ]);
});

it('knows of a wrong trigger for hours, however seldom KEDA asks', () => {
  const refusals = new Refusals();
  let nextAskMs = 0;
  let pauseMs = 2_000;
  for (let nowMs = 0; nowMs <= 6 * 3_600_000; nowMs += 1_000) {
    if (nowMs >= nextAskMs) {
      refusals.note(ref('a'), bad(), nowMs);
      nextAskMs = nowMs + pauseMs;
      pauseMs = Math.min(2 * pauseMs, 1_000_000);
    }
    expect(refusals.recent(nowMs)).toHaveLength(1);
  }
});

it('keeps what KEDA still asks beside a good trigger of the same ScaledObject', () => {
  const refusals = new Refusals();
  refusals.note(ref('a'), bad(), 0);
  refusals.note(ref('a'), bad('port'), 0);
  refusals.note(ref('b'), bad(), 0);
  for (let nowMs = 0; nowMs < 2 * MENDED_AFTER_MS; nowMs += 30_000) {
    refusals.note(ref('a'), bad('port'), nowMs);
    refusals.answered(ref('a'), nowMs);
  }
  const left = refusals.recent(2 * MENDED_AFTER_MS).map(({ scaledObject, detail }) => `${scaledObject} ${detail}`);
  expect(left).toEqual(['a port', 'b targetValue: missing']);
});

it('forgets what is not asked any more', () => {
  const refusals = new Refusals();
  refusals.note(ref('a'), bad(), 0);
  refusals.note(ref('b'), bad(), 1000);
  expect(refusals.recent(REFUSAL_KEPT_MS - 1)).toHaveLength(2);
  expect(refusals.recent(REFUSAL_KEPT_MS).map(({ scaledObject }) => scaledObject)).toEqual(['b']);
  expect(refusals.recent(REFUSAL_KEPT_MS + 1000)).toEqual([]);
});

it('lets no namespace push out what is known of another, and keeps little of each', () => {
  const refusals = new Refusals();
  refusals.note(ref('good', 'quiet'), bad(), 0);
  for (let at = 0; at < 5000; at++) refusals.note(ref(`x${at}`, 'loud'), bad('w'.repeat(5000)), at);
  const recent = refusals.recent(5000);
  expect(recent).toHaveLength(MOST_REFUSALS_PER_NAMESPACE + 1);
  expect(recent[0]!.scaledObject).toBe('x4999');
  expect(recent.at(-1)).toMatchObject({ namespace: 'quiet', scaledObject: 'good' });
  expect(recent[0]!.detail).toHaveLength(1000);
});

it('is bounded over all namespaces', () => {
  const refusals = new Refusals();
  for (let at = 0; at < 3000; at++) refusals.note(ref('x', `n${at}`), bad(), at);
  const recent = refusals.recent(3000);
  expect(recent).toHaveLength(1000);
  expect(recent.at(-1)!.namespace).toBe('n2000');
});
