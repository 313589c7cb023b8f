import type { ColdStartSetting } from '../config/settings/simulate-readers.ts';
import { logNormal } from '../simulate/traffic/seeded-random.ts';
import type { ColdStart } from '../simulate/workload.ts';

/** How long starts take: of the first replica, where there was none, and of those beside others. */
export interface ColdStarts {
  readonly first: ColdStartSetting;
  readonly later: ColdStartSetting;
}

/** Draws one start after the other; the same numbers, the same starts. */
export function drawnStarts({ first, later }: ColdStarts, random: () => number): ColdStart {
  return (isFirst) => draw(isFirst ? first : later, random);
}

/** What a start takes in the mean, in milliseconds. */
export function meanStartMs(setting: ColdStartSetting): number {
  if (setting.kind === 'log-normal') return setting.medianMs * Math.exp(setting.sigma ** 2 / 2);
  return setting.spansMs.reduce((sum, span) => sum + span, 0) / setting.spansMs.length;
}

/** Every start takes the same. */
export function sameStart(spanMs: number): ColdStarts {
  const setting: ColdStartSetting = { kind: 'log-normal', medianMs: spanMs, sigma: 0, text: '' };
  return { first: setting, later: setting };
}

function draw(setting: ColdStartSetting, random: () => number): number {
  if (setting.kind === 'measured') return setting.spansMs[Math.floor(random() * setting.spansMs.length)]!;
  return setting.sigma === 0 ? setting.medianMs : logNormal(random, setting.medianMs, setting.sigma);
}
