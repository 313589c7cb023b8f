import type { KpaMoment, KpaSettings } from '../../../../src/replay/policies/knative.ts';
import { seededRandom } from '../../../../src/simulate/traffic/seeded-random.ts';

export interface KpaSeries {
  readonly settings: KpaSettings;
  readonly moments: readonly KpaMoment[];
}

const settings: readonly KpaSettings[] = [
  { target: 10, stableWindowMs: 60_000, panicThreshold: 2, maxScaleUpRate: 1000, maxScaleDownRate: 2 },
  { target: 5.6, stableWindowMs: 20_000, panicThreshold: 1.5, maxScaleUpRate: 2.5, maxScaleDownRate: 3 },
  { target: 70, stableWindowMs: 60_000, panicThreshold: 10, maxScaleUpRate: 1.1, maxScaleDownRate: 1.2 },
];

/** Loads that wander, burst and fall silent while pods come and go, every two seconds for half an hour. */
export function kpaSeries(): readonly KpaSeries[] {
  return settings.map((one, index) => {
    const random = seededRandom(index + 11);
    let stable = 30;
    let readyPods = index;
    const moments = Array.from({ length: 900 }, (_, step): KpaMoment => {
      const draw = random();
      stable = draw < 0.02 ? 0 : draw > 0.97 ? random() * 400 : Math.max(0, stable + (random() - 0.5) * 20);
      const panicValue = random() < 0.1 ? stable * 5 * random() : stable * (0.7 + 0.6 * random());
      if (random() < 0.3) readyPods = Math.max(0, readyPods + Math.floor(random() * 5) - 2);
      return { nowMs: step * 2000, readyPods, stableValue: stable, panicValue };
    });
    return { settings: one, moments };
  });
}
