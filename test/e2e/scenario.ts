import type { Stage } from './stage.ts';

/** One story, told on a stage of its own and asserted from outside. */
export interface Scenario {
  /** Also its namespace and the folder of its artefacts. */
  readonly name: string;
  readonly title: string;
  /** It disturbs the others: restarts what they share, or measures. */
  readonly alone?: boolean;
  /** The autoscaler looks every 15 s, as in a cluster; otherwise it hurries. */
  readonly hpaPace?: 'real';
  /** Rejects when it went wrong. Resolves with what is worth reporting. */
  run(stage: Stage): Promise<string>;
}

/** Spans that end a story sooner than the defaults do. */
export const shortSpans = { window: '8s', burstWindow: '3s', staleAfter: '5s', idleAfter: '8s' } as const;

/** Longer than each of them, and than the HPA's stabilisation. */
export const longerThanEveryWindowMs = 25_000;

export function inSeconds(spanMs: number): string {
  return `${(spanMs / 1000).toFixed(2)} s`;
}

export function check(isSo: boolean, what: string): void {
  if (!isSo) throw new Error(what);
}
