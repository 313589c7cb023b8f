import type { Engine } from './engine.ts';
import { renderSglangPage } from './sglang-page.ts';
import { renderVllmPage } from './vllm-page.ts';

export interface PageIdentity {
  readonly modelName: string;
  /** When the process started, milliseconds since 1970. */
  readonly startedAtMs: number;
}

export type SimulatedEngineName = 'vllm' | 'sglang';

const renderers: Readonly<Record<SimulatedEngineName, (engine: Engine, identity: PageIdentity) => string>> = {
  vllm: renderVllmPage,
  sglang: renderSglangPage,
};

/** The content type that goes with the pages. */
export const pageContentType = 'text/plain; version=0.0.4; charset=utf-8';

/** A metrics page as a server of this kind prints it for the engine's state. */
export function renderEnginePage(name: SimulatedEngineName, engine: Engine, identity: PageIdentity): string {
  return renderers[name](engine, identity);
}
