import { expect, it } from 'vitest';
import type { ScaleAnswer, ScaleQuestion } from '../../src/keda/keda-decision.ts';
import { decideScale } from '../../src/keda/keda-decision.ts';

const question: ScaleQuestion = {
  nowMs: 1000,
  active: false,
  failed: false,
  replicas: 3,
  minReplicas: 0,
  idleReplicas: undefined,
  fallbackReplicas: undefined,
  createdMs: 0,
  lastActiveMs: 500,
  cooldownMs: 300,
  initialCooldownMs: 0,
};

const active = { active: true };
const failed = { failed: true };
const rows: [name: string, change: Partial<ScaleQuestion>, want: Partial<ScaleAnswer>][] = [
  ['active at zero: one', { ...active, replicas: 0 }, { replicas: 1, refreshesLastActive: true }],
  ['active at zero: the minimum', { ...active, replicas: 0, minReplicas: 3 }, { replicas: 3 }],
  [
    'active in idle mode, below the minimum',
    { ...active, idleReplicas: 0, replicas: 1, minReplicas: 2 },
    { replicas: 2 },
  ],
  ['active at zero though a trigger failed', { ...active, ...failed, replicas: 0 }, { replicas: 1, ready: 'True' }],
  ['active and running', active, { replicas: undefined, refreshesLastActive: true, ready: 'True' }],
  ['active, but a trigger failed', { ...active, ...failed }, { refreshesLastActive: false, ready: 'Unknown' }],
  ['failed without fallback: nothing', failed, { replicas: undefined, ready: 'False' }],
  ['failed with a fallback: nothing', { ...failed, fallbackReplicas: 2 }, { replicas: undefined, ready: 'True' }],
  ['failed with a fallback of zero: to zero', { ...failed, fallbackReplicas: 0 }, { replicas: 0 }],
  ['inactive after the cooldown: to zero', {}, { replicas: 0, why: 'cooldown over' }],
  ['inactive exactly at its end: not yet', { cooldownMs: 500 }, { replicas: undefined, why: 'cooling down' }],
  ['never active: at once', { lastActiveMs: undefined }, { replicas: 0 }],
  [
    'never active, within the initial cooldown',
    { lastActiveMs: undefined, initialCooldownMs: 2000 },
    { replicas: undefined },
  ],
  ['inactive in idle mode: to idle', { idleReplicas: 0, minReplicas: 2 }, { replicas: 0 }],
  ['inactive with a minimum: the HPA decides', { minReplicas: 2 }, { replicas: undefined }],
  ['inactive below the minimum', { minReplicas: 4 }, { replicas: 4 }],
  ['inactive at zero', { replicas: 0 }, { replicas: undefined, ready: 'True' }],
];
it.each(rows)('%s', (_name, change, want) => expect(decideScale({ ...question, ...change })).toMatchObject(want));
