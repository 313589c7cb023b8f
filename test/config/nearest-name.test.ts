import fc from 'fast-check';
import { expect, it } from 'vitest';
import { editDistance, nearestName } from '../../src/config/nearest-name.ts';

const names = ['targetValue', 'window', 'burstWindow', 'port', 'path', 'scrapeInterval'];

it.each([
  ['targetvalue', 'targetValue'],
  ['target_value', 'targetValue'],
  ['TARGET-VALUE', 'targetValue'],
  ['tagretValue', 'targetValue'],
  ['targetValues', 'targetValue'],
  ['burstWindwo', 'burstWindow'],
  ['prot', 'port'],
  ['scrapInterval', 'scrapeInterval'],
  ['ports', 'port'],
])('%s is near %s', (word, name) => expect(nearestName(word, names)).toBe(name));

it.each(['', 'x', 'threshold', 'windowInterval', 'pot-of-gold', 'target'])('"%s" is near none', (word) => {
  expect(nearestName(word, names)).toBeUndefined();
});

it('takes the nearest of several, and the first of equals', () => {
  expect(nearestName('windo', ['winds', 'window'])).toBe('winds');
  expect(nearestName('window', ['winds', 'windows', 'window'])).toBe('window');
  expect(nearestName('anything', [])).toBeUndefined();
});

it.each([
  ['', '', 0],
  ['', 'abc', 3],
  ['port', 'prot', 1],
  ['kitten', 'sitting', 3],
  ['abcd', 'badc', 2],
])('"%s" and "%s" are %d edits apart', (one, other, edits) => expect(editDistance(one, other)).toBe(edits));

const word = fc.string({ unit: fc.constantFrom(...'abc'), maxLength: 9 });

it('finds the same distance both ways, zero only for equal words, at most the longer length', () => {
  const property = fc.property(word, word, (one, other) => {
    const edits = editDistance(one, other);
    expect(editDistance(other, one)).toBe(edits);
    expect(edits === 0).toBe(one === other);
    expect(edits).toBeLessThanOrEqual(Math.max(one.length, other.length));
    expect(edits).toBeGreaterThanOrEqual(Math.abs(one.length - other.length));
  });
  fc.assert(property);
});

it('is as near from either side', () => {
  const property = fc.property(word, word, (one, other) => {
    expect(nearestName(one, [other]) === other).toBe(nearestName(other, [one]) === one);
  });
  fc.assert(property);
});
