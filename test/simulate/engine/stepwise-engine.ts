import type { EngineShape } from '../../../src/simulate/engine/engine-shape.ts';
import type { EngineRequest } from '../../../src/simulate/engine/sequence.ts';
import { stepMs } from '../../../src/simulate/engine/step-timing.ts';

interface One {
  readonly id: number;
  readonly request: EngineRequest;
  computed: number;
  generated: number;
  chunk: number;
  decodes: boolean;
}

/** The same engine as plainly as it can be written: every step by itself, every block counted anew. */
export function runStepwise(
  shape: EngineShape,
  arrivals: readonly (EngineRequest & { readonly atMs: number })[],
): { readonly id: number; readonly kind: string; readonly atMs: number }[] {
  const events: { id: number; kind: string; atMs: number }[] = [];
  const coming = arrivals.map((request, id) => ({
    id,
    request,
    computed: 0,
    generated: 0,
    chunk: 0,
    decodes: false,
    ...request,
  }));
  const running: One[] = [];
  const waiting: One[] = [];
  const blocksOf = (tokens: number) => Math.ceil(tokens / shape.blockTokens);
  const used = () => running.reduce((sum, one) => sum + blocksOf(one.computed + one.chunk), 0);
  const missing = (one: One) => one.request.promptTokens + one.generated - one.computed;
  for (let nowMs = 0; coming.length + running.length + waiting.length > 0; ) {
    // A step takes in what came before it began; what comes to an idle engine begins one at once.
    while (coming.length > 0 && coming[0]!.atMs < nowMs) waiting.push(coming.shift()!);
    if (running.length + waiting.length === 0) {
      nowMs = Math.max(nowMs, coming[0]!.atMs);
      waiting.push(coming.shift()!);
    }
    let budget = shape.maxStepTokens;
    let preempted = false;
    for (let place = 0; place < running.length; place += 1) {
      const one = running[place]!;
      one.chunk = Math.min(missing(one), budget);
      while (running.includes(one) && used() > shape.kvBlocks) {
        const youngest = running.pop()!;
        youngest.computed = 0;
        youngest.chunk = 0;
        youngest.decodes = false;
        waiting.unshift(youngest);
        preempted = true;
      }
      budget -= one.chunk;
    }
    while (!preempted && budget > 0 && waiting.length > 0 && running.length < shape.maxRunning) {
      const one = waiting[0]!;
      one.chunk = Math.min(missing(one), budget);
      if (used() + blocksOf(one.chunk) > shape.kvBlocks) {
        one.chunk = 0;
        break;
      }
      budget -= one.chunk;
      running.push(waiting.shift()!);
    }
    const decoding = running.filter((one) => one.decodes);
    const read = running.filter((one) => !decoding.includes(one));
    nowMs += stepMs(shape.timing, {
      sequences: running.length,
      tokens: running.reduce((sum, one) => sum + one.chunk, 0),
      decodingTokens: decoding.reduce((sum, one) => sum + one.request.promptTokens + one.generated, 0),
      attentionPairs: read.reduce((sum, one) => sum + one.chunk * (one.computed + one.chunk / 2), 0),
    });
    for (const one of [...running]) {
      one.computed += one.chunk;
      one.chunk = 0;
      if (missing(one) > 0) continue;
      one.generated += 1;
      one.decodes = true;
      if (one.generated === 1) events.push({ id: one.id, kind: 'first-token', atMs: nowMs });
      if (one.generated < one.request.outputTokens) continue;
      events.push({ id: one.id, kind: 'finished', atMs: nowMs });
      running.splice(running.indexOf(one), 1);
    }
  }
  return events;
}
