import { expect, it } from 'vitest';
import type { ReadingFailure } from '../../src/aggregation/reading.ts';
import type { TriedUrl } from '../../src/readings/most-informative.ts';
import { mostInformative } from '../../src/readings/most-informative.ts';

function tried(failure: ReadingFailure, more: { isUsualPath?: boolean; isKnownPage?: true } = {}): TriedUrl {
  const { isUsualPath = false, isKnownPage } = more;
  const read = { ok: false, failure, message: failure, ...(isKnownPage && { isKnownPage }) } as const;
  return { url: `http://x/${failure}`, isUsualPath, read, bodyBytes: 0, startedAtMs: 0, endedAtMs: 1, restMs: 0 };
}

/** What a pass may come to, the most telling first. */
const ranking: readonly TriedUrl[] = [
  tried('wrong-engine', { isKnownPage: true }),
  tried('timeout', { isUsualPath: true }),
  tried('unauthorized'),
  tried('wrong-engine'),
  tried('html'),
  tried('http-status'),
  tried('redirect'),
  tried('timeout'),
  tried('not-found'),
  tried('unreachable'),
  tried('refused'),
];

it('tells of the most telling failure of a pass, in whatever order the URLs were tried', () => {
  for (let place = 0; place < ranking.length; place++) {
    const rest = ranking.slice(place);
    for (const order of [rest, rest.toReversed(), [...rest.slice(1), rest[0]!]]) {
      const told = order.reduce<TriedUrl | undefined>((before, now) => mostInformative(before, now), undefined);
      expect(told).toBe(rest[0]);
    }
  }
});

it('tells of the first of two that say the same', () => {
  const first = tried('html');
  expect(mostInformative(first, tried('html'))).toBe(first);
});
