import fc from 'fast-check';
import { it } from 'vitest';
import { histories } from './histories/history.ts';
import { wrongIn } from './histories/play.ts';

/** A hundred thousand in continuous integration: `npm run test:histories`. */
const count = Number(process.env.HISTORIES ?? 300);

it('no failure and no rollout makes the HPA go beyond what the readable part justifies', { timeout: 900_000 }, () => {
  const property = fc.property(histories, (history) => {
    const wrong = wrongIn(history);
    if (wrong !== undefined) throw new Error(wrong);
  });
  fc.assert(property, { numRuns: count });
});
