import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { Kpa } from '../../../../src/replay/policies/knative.ts';
import { kpaSeries } from './series.ts';

/** What knative.dev/serving v0.50 itself answered; `npm run knative:record` asks it anew. */
const answers = JSON.parse(readFileSync(new URL('answers.json', import.meta.url), 'utf8')) as number[][];

it.each([...kpaSeries().entries()])(
  "answers series %i as Knative's own autoscaler does",
  (index, { settings, moments }) => {
    const kpa = new Kpa(settings, 0, moments[0]!.readyPods);
    expect(answers[index]).toHaveLength(900);
    expect(moments.map((moment) => kpa.scale(moment))).toEqual(answers[index]);
    expect(new Set(answers[index]).size).toBeGreaterThan(10);
  },
);
