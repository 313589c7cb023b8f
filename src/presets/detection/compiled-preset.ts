import { canonicalName } from '../../exposition/page.ts';
import { stemsOf } from '../../exposition/wanted-names.ts';
import type { Preset } from '../catalogue/preset.ts';
import type { PresetName } from '../catalogue/preset-name.ts';
import { presets } from '../catalogue/presets.ts';
import type { Part } from '../reading/quantity.ts';
import { inBothSpellings, parseQuantity } from '../reading/quantity.ts';

/** A preset with its formulas read, so that reading a page compares canonical names and nothing else. */
export interface CompiledPreset {
  readonly name: PresetName;
  readonly preset: Preset;
  readonly running: readonly Part[];
  readonly waiting: readonly Part[];
  readonly concurrency: readonly Part[];
  readonly capacity: readonly Part[];
  readonly capacityWorkers: readonly Part[];
  readonly kvCacheRatio: readonly Part[];
  readonly kvCacheUsed: readonly Part[];
  readonly kvCacheTotal: readonly Part[];
  readonly requests: readonly Part[];
  readonly steps: readonly Part[];
  readonly refused: readonly Part[];
  readonly promptTokens: readonly Part[];
  readonly generationTokens: readonly Part[];
  readonly latencySum: readonly Part[];
  readonly latencyCount: readonly Part[];
  readonly timeToFirstTokenSum: readonly Part[];
  readonly timeToFirstTokenCount: readonly Part[];
  readonly awake: readonly Part[];
  /** Names whose series say which models the page counts. */
  readonly concurrencyNames: ReadonlySet<string>;
  readonly requestNames: ReadonlySet<string>;
  /** Names of counters that are above 0 once there was a request. */
  readonly movedNames: ReadonlySet<string>;
  readonly fingerprintNames: ReadonlySet<string>;
  readonly fingerprintPrefixes: readonly string[];
  /** Every sample name that a reading needs. */
  readonly sampleNames: readonly string[];
  /** The same, and the names of their families. */
  readonly sampleNameSet: ReadonlySet<string>;
}

/** Every official client of Prometheus prints it, for one process. */
export const processStart = 'process_start_time_seconds';

function compile(name: PresetName, preset: Preset): CompiledPreset {
  const parts = {
    running: formula(preset.running),
    waiting: formula(preset.waiting),
    concurrency: formula(preset.concurrency),
    capacity: formula(preset.capacity),
    capacityWorkers: formula(preset.capacityWorkers),
    kvCacheRatio: formula(preset.kvCacheRatio),
    kvCacheUsed: formula(preset.kvCacheUsed),
    kvCacheTotal: formula(preset.kvCacheTotal),
    requests: formula(preset.requests).map(inBothSpellings),
    steps: formula(preset.steps).map(inBothSpellings),
    refused: formula(preset.refused).map(inBothSpellings),
    promptTokens: formula(preset.promptTokens).map(inBothSpellings),
    generationTokens: formula(preset.generationTokens).map(inBothSpellings),
    latencySum: latencyOf(preset, '_sum'),
    latencyCount: latencyOf(preset, '_count'),
    timeToFirstTokenSum: formula(preset.timeToFirstToken).map((part) => withEnding(part, '_sum')),
    timeToFirstTokenCount: formula(preset.timeToFirstToken).map((part) => withEnding(part, '_count')),
    awake: formula(preset.awake),
  };
  const fingerprints = preset.fingerprint.map(canonicalName);
  const fingerprintNames = fingerprints.filter((text) => !text.endsWith('_'));
  const alsoPrinted = (preset.alsoPrinted ?? []).map(canonicalName);
  const needed = [...namesIn(Object.values(parts).flat()), ...fingerprintNames, ...alsoPrinted];
  const sampleNames = [...new Set([...needed, processStart])];
  return {
    name,
    preset,
    ...parts,
    concurrencyNames: namesIn([...parts.running, ...parts.waiting, ...parts.concurrency]),
    requestNames: namesIn(parts.requests),
    movedNames: namesIn([...parts.requests, ...parts.latencyCount, ...parts.timeToFirstTokenCount, ...parts.steps]),
    fingerprintNames: new Set(fingerprintNames),
    fingerprintPrefixes: fingerprints.filter((text) => text.endsWith('_')),
    sampleNames,
    sampleNameSet: new Set(sampleNames.flatMap((sample) => [sample, ...stemsOf(sample)])),
  };
}

function formula(text: string | undefined): readonly Part[] {
  return text === undefined ? [] : parseQuantity(text);
}

/** The sum or the count of a latency: the family that is named for it, else the histogram's. */
function latencyOf({ latency, latencySum, latencyCount }: Preset, ending: '_sum' | '_count'): readonly Part[] {
  const own = ending === '_sum' ? latencySum : latencyCount;
  if (own !== undefined) return formula(own).map(inBothSpellings);
  return formula(latency).map((part) => withEnding(part, ending));
}

function withEnding(part: Part, ending: string): Part {
  return { ...part, names: part.names.map((name) => name + ending) };
}

function namesIn(parts: readonly Part[]): Set<string> {
  return new Set(parts.flatMap((part) => part.names));
}

const compiledPresets = new Map(
  Object.entries(presets).map(([name, preset]) => [name, compile(name as PresetName, preset)]),
);

export function compiledPreset(name: PresetName): CompiledPreset {
  return compiledPresets.get(name)!;
}
