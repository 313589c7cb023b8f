import type { PushState } from '../decision/next-push.ts';
import { shouldPush } from '../decision/next-push.ts';
import type { PushStream } from './answers.ts';
import type { Outcome } from './trigger-state.ts';

/** The open push streams of one trigger, with what each was last told. A stream that ends leaves by `remove`. */
export class PushStreams {
  readonly #last = new Map<PushStream, PushState | undefined>();

  get size(): number {
    return this.#last.size;
  }

  add(stream: PushStream): void {
    this.#last.set(stream, undefined);
  }

  remove(stream: PushStream): void {
    this.#last.delete(stream);
  }

  /** Tells each stream what it must hear of a cycle's outcome. Returns how many took it. */
  push({ told, observation }: Outcome, nowMs: number): number {
    const active = told?.active === true;
    let sent = 0;
    for (const [stream, last] of this.#last) {
      if (shouldPush(last, active, observation.replicas, nowMs) && stream.sendActive()) {
        this.#last.set(stream, { active: true, sentMs: nowMs });
        sent++;
      } else if (!active && last?.active) {
        this.#last.set(stream, { active: false, sentMs: nowMs });
      }
    }
    return sent;
  }
}
