import type { KedaEvent } from '../simulate/keda/keda-event.ts';

/** Collects what KEDA and the HPA did: what was new since the last line, and what the summary needs. */
export class DemoJournal {
  /** The total KEDA read last; `undefined` until then and while the scaler answers nothing. */
  value: number | undefined;
  peakReplicas = 0;
  /** Story times of the first step from zero and of the last one back to it. */
  wokeAtMs: number | undefined;
  restedAtMs: number | undefined;
  errors = 0;
  readonly #steps: string[] = [];
  #state = 'no poll yet';

  note(event: KedaEvent): void {
    if (event.kind === 'value') this.value = event.total;
    if (event.kind === 'polled') this.#state = event.why;
    if (event.kind === 'error') this.#noteError(event.message);
    if (event.kind === 'scaled') this.#noteStep(event);
  }

  /** What the line says under "why": the steps since the last line, or else the state of things. */
  takeWhy(): { readonly text: string; readonly isStep: boolean } {
    const steps = this.#steps.splice(0);
    return steps.length === 0 ? { text: this.#state, isStep: false } : { text: steps.join('; '), isStep: true };
  }

  #noteError(message: string): void {
    this.errors += 1;
    this.value = undefined;
    this.#state = message;
  }

  #noteStep({ atMs, by, from, to, why }: Extract<KedaEvent, { kind: 'scaled' }>): void {
    const who = { poll: 'KEDA', push: 'push', hpa: 'HPA' }[by];
    this.#steps.push(`${who}: ${why}, ${from}→${to}`);
    this.peakReplicas = Math.max(this.peakReplicas, to);
    if (from === 0) this.wokeAtMs ??= atMs;
    if (to === 0) this.restedAtMs = atMs;
  }
}
