import type { Page, Sample } from '../../exposition/page.ts';
import type { PresetName } from '../catalogue/preset-name.ts';
import type { CompiledPreset } from '../detection/compiled-preset.ts';
import { compiledPreset, processStart } from '../detection/compiled-preset.ts';
import { wrongEngine } from '../detection/wrong-engine.ts';
import type { Signals } from '../signals.ts';
import type { SignalsOutcome } from '../signals-outcome.ts';
import { absentSignals } from '../signals-outcome.ts';
import { withinLargestHops } from './largest-hop.ts';
import { chooseModels, everyModel, modelsOnPage } from './model-filter.ts';
import type { Part } from './quantity.ts';
import { readLoad } from './read-load.ts';
import type { QuantitySource } from './read-quantity.ts';
import { hasBroken, readCounter, readLargestRatio, readLargestShare } from './read-quantity.ts';
import { routeQueueReader } from './read-route-queue.ts';
import { readSglangLoads } from './read-sglang-loads.ts';
import { readTrtllmIterations } from './read-trtllm-iterations.ts';

/** Counts these models only; every one when left out. */
type ModelReader = (models?: readonly string[]) => Signals;

/** Pages whose numbers are not families of samples. */
const ownReaders: Partial<Record<PresetName, (page: Page) => ModelReader>> = {
  'sglang-loads': (page) => (models) => readSglangLoads(page, models),
  'trtllm-serve-json': (page) => (models) => readTrtllmIterations(page, models),
  'keda-http': routeQueueReader,
};

/** A page that is the preset's, ready to be read for any number of askers, or another program's. */
export type OpenedPage =
  | { readonly ok: true; readonly read: ModelReader }
  | Extract<SignalsOutcome, { readonly ok: false }>;

/** Canonical names of all samples that reading a preset's page needs, fingerprints included. Empty for JSON pages. */
export function familiesOf(preset: PresetName): readonly string[] {
  return compiledPreset(preset).sampleNames;
}

/**
 * Reads a page as a preset says. The page needs the samples of `familiesOf(preset)` and may have more.
 *
 * @param models count these models' series only, matched exactly and added; `undefined`: every series. A model that
 *   the page does not have is a problem, and without any of them everything is absent.
 */
export function readSignals(page: Page, preset: PresetName, models?: readonly string[]): SignalsOutcome {
  const opened = openPage(page, preset);
  return opened.ok ? { ok: true, signals: opened.read(models) } : opened;
}

/** As `readSignals`, in two steps: what is the same for all who ask about one page is done once. */
export function openPage(page: Page, preset: PresetName): OpenedPage {
  const compiled = compiledPreset(preset);
  const message = wrongEngine(page, compiled);
  if (message !== undefined) return { ok: false, failure: 'wrong-engine', message };
  const own = ownReaders[preset];
  return { ok: true, read: own?.(page) ?? ((models) => readText(page, compiled, models)) };
}

function readText(page: Page, compiled: CompiledPreset, models: readonly string[] | undefined): Signals {
  const { preset } = compiled;
  const onPage = preset.modelsNotListed === true ? [] : modelsOnPage(page, compiled);
  const choice = models === undefined ? undefined : chooseModels(page, preset, models);
  if (choice?.none === true) return { ...absentSignals, models: onPage, problems: choice.problems };
  const problems = [...(choice?.problems ?? [])];
  const source: QuantitySource = { page, preset, filter: choice?.filter ?? everyModel, problems };
  const load = readLoad(withinLargestHops(source, [...compiled.running, ...compiled.waiting]), compiled);
  const wholePage: QuantitySource = { ...source, filter: { ...source.filter, unlabelled: true } };
  const sum = readCounter(source, compiled.timeToFirstTokenSum);
  return {
    running: load.running.value,
    waiting: load.waiting.value,
    concurrency: load.concurrency.value,
    capacity: readCapacity(wholePage, compiled),
    processStartSeconds: page.samples.find(({ name }) => name === processStart)?.value,
    kvCacheRatio:
      readLargestRatio(wholePage, compiled.kvCacheRatio) ??
      readLargestShare(wholePage, compiled.kvCacheUsed, compiled.kvCacheTotal),
    requestsTotal: readCounter(withinLargestHops(source, compiled.requests), compiled.requests),
    refusedTotal: readCounter(source, compiled.refused),
    stepsTotal: readCounter(source, compiled.steps),
    promptTokensTotal: readCounter(source, compiled.promptTokens),
    generationTokensTotal: readCounter(source, compiled.generationTokens),
    ...readLatency(source, compiled),
    timeToFirstTokenSecondsSum: sum === undefined ? undefined : sum * (preset.timeToFirstTokenUnitSeconds ?? 1),
    timeToFirstTokenCount: readCounter(source, compiled.timeToFirstTokenCount),
    inferred: load.running.inferred || load.waiting.inferred || load.concurrency.inferred,
    partial: load.running.partial || load.waiting.partial || load.concurrency.partial,
    kvCachePartial: hasBroken(wholePage, [...compiled.kvCacheRatio, ...compiled.kvCacheUsed]),
    asleep: isAsleep(source, compiled.awake),
    models: onPage,
    problems,
  };
}

/** Both or neither: of a sum without its count, or of one that began earlier, nothing follows. */
function readLatency(source: QuantitySource, { preset, latencySum, latencyCount }: CompiledPreset) {
  const sum = readCounter(source, latencySum);
  const count = readCounter(source, latencyCount);
  if (sum === undefined || count === undefined) return { requestSecondsSum: undefined, requestSecondsCount: undefined };
  return { requestSecondsSum: sum * (preset.latencyUnitSeconds ?? 1), requestSecondsCount: count };
}

function readCapacity(source: QuantitySource, compiled: CompiledPreset): number | undefined {
  if (compiled.capacityWorkers.length === 0) return readCounter(source, compiled.capacity);
  const label = compiled.preset.modelLabels![0]!;
  let capacity: number | undefined;
  for (const [model, samples] of samplesByModel(source, label)) {
    if (!samples.some(({ name }) => compiled.capacity.some((part) => part.names.includes(name)))) continue;
    const filter = { labels: [label], models: new Set([model]), unlabelled: false };
    const one: QuantitySource = { ...source, page: { ...source.page, samples }, filter };
    const perWorker = readCounter(one, compiled.capacity);
    const workers = readCounter(one, compiled.capacityWorkers);
    if (perWorker === undefined || workers === undefined) return undefined;
    capacity = (capacity ?? 0) + perWorker * workers;
  }
  return capacity;
}

/** Sorted out once: a page may have thousands of models. */
function samplesByModel({ page, filter }: QuantitySource, label: string): ReadonlyMap<string, readonly Sample[]> {
  const byModel = new Map<string, Sample[]>();
  for (const sample of page.samples) {
    const model = sample.labels[label] ?? '';
    if (model === '' || filter.models?.has(model) === false) continue;
    const samples = byModel.get(model);
    if (samples === undefined) byModel.set(model, [sample]);
    else samples.push(sample);
  }
  return byModel;
}

/** True when every engine says that it is not awake. An engine that says nothing is awake. */
function isAsleep(source: QuantitySource, awake: readonly Part[]): boolean {
  return readCounter(source, awake) === 0;
}
