import { expect, it } from 'vitest';
import { Hpa, kubernetesHpaDefaults } from '../../src/keda/hpa.ts';
import { defaultHpaTolerance } from '../../src/keda/hpa-proposal.ts';
import { proposePods } from '../../src/keda/pods-metric.ts';

const none = undefined;
const rows: [name: string, values: (number | undefined)[], wanted: number | undefined][] = [
  ['nobody says anything: no proposal', [none, none], undefined],
  ['on target: as it is', [0.8, 0.8], 2],
  ['inside the tolerance: as it is', [0.87, 0.87], 2],
  ['above: in proportion', [1.2, 1.2], 3],
  ['below: in proportion', [0.2, 0.2], 1],
  ['a silent one counts as idle on the way up', [1.6, 1.6, none], 4],
  ['so much that nothing is left to add', [1, none], 2],
  ['and as on target on the way down', [0.2, 0.2, none], 2],
];
it.each(rows)('%s', (_name, values, wanted) => {
  expect(proposePods({ target: 0.8, values }, values.length, defaultHpaTolerance)).toBe(wanted);
});

it('is one metric among others for the HPA: the highest proposal wins', () => {
  const hpa = new Hpa({ ...kubernetesHpaDefaults, minReplicas: 1, maxReplicas: 10, behavior: undefined });
  const outcome = hpa.sync({
    nowMs: 0,
    specReplicas: 2,
    statusReplicas: 2,
    readyReplicas: 2,
    metrics: [{ kind: 'average-value', target: 10, total: 5 }],
    podsMetrics: [{ target: 0.5, values: [0.7, 0.8] }],
  });
  expect(outcome).toEqual({ kind: 'computed', replicas: 3, proposal: 3 });
});
