import { basename } from 'node:path';
import { formatDuration } from '../../config/duration.ts';
import type { ComposedLoad } from '../../simulate/traffic/composed-load.ts';
import { composedLoad, typicalService } from '../../simulate/traffic/composed-load.ts';
import { scaledLoad } from '../../simulate/traffic/scaled-load.ts';
import type { TraceWindow } from '../../simulate/traffic/trace.ts';
import { readTraceBatches } from '../../simulate/traffic/trace.ts';
import type { Load } from './load.ts';

/** A file's requests, from a moment on and for a while. */
export function traceLoad(file: string, window: Pick<TraceWindow, 'startMs' | 'durationMs'>): Load {
  const gaps = { skipped: 0 };
  const part = [
    window.startMs > 0 ? ` from ${formatDuration(window.startMs)} on` : '',
    Number.isFinite(window.durationMs) ? ` for ${formatDuration(window.durationMs)}` : '',
  ];
  return {
    title: basename(file) + part.join(''),
    name: basename(file),
    skipped: () => gaps.skipped,
    open: () => {
      gaps.skipped = 0;
      return readTraceBatches(file, { ...window, speed: 1 }, gaps);
    },
  };
}

/** A made-up service, for those without a trace. */
export function madeUpLoad(durationMs: number | undefined, seed: number): Load {
  const load: ComposedLoad = { ...typicalService, durationMs: durationMs ?? typicalService.durationMs };
  return {
    title: `a made-up service of ${load.clients} clients (no trace was given; seed ${seed})`,
    name: `generated-${seed}`,
    open: () => composedLoad(load, seed),
  };
}

/** The same load with `factor` times the requests. */
export function scaled(load: Load, factor: number, seed: number): Load {
  if (factor === 1) return load;
  return {
    ...load,
    title: `${load.title}, ${factor} times the requests`,
    open: () => scaledLoad(load.open(), factor, seed),
  };
}
