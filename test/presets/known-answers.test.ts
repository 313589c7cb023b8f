import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { wantedNames } from '../../src/exposition/wanted-names.ts';
import { gpuFamilies } from '../../src/gpu/exporters.ts';
import type { GpuReading } from '../../src/gpu/gpu-reading.ts';
import { readGpus } from '../../src/gpu/read-gpus.ts';
import type { PresetName } from '../../src/presets/catalogue/preset-name.ts';
import { presets } from '../../src/presets/catalogue/presets.ts';
import { detectPreset } from '../../src/presets/detection/detect.ts';
import { familiesOf, readSignals } from '../../src/presets/reading/read-signals.ts';
import type { Signals } from '../../src/presets/signals.ts';
import { parsePage } from './page-of.ts';

interface Entry {
  readonly file: string;
  readonly engine: string;
  readonly explicitPreset?: boolean;
  readonly contentType?: string;
  readonly model?: string;
  readonly running: number | null;
  readonly waiting: number | null;
  readonly concurrency: number | null;
  readonly capacity: number | null;
  readonly kvCacheRatio: number | null;
  readonly inferred?: boolean;
  readonly models?: readonly string[];
  readonly declaredFamilies?: number;
  readonly samples?: number;
  readonly gpus?: readonly Readonly<Record<keyof GpuReading, string | number | null>>[];
}

const directory = process.env.FIXTURES_DIR ?? '../shared/fixtures';
const isThere = existsSync(join(directory, 'expected.json'));
const entries: readonly Entry[] = isThere ? JSON.parse(readFileSync(join(directory, 'expected.json'), 'utf8')) : [];

function outcomeOf(entry: Entry, wanted?: Parameters<typeof parsePage>[2]) {
  const outcome = parsePage(readFileSync(join(directory, entry.file)), entry.contentType, wanted);
  if (!outcome.ok) throw new Error(outcome.message);
  return outcome.page;
}

function signalsOf(entry: Entry, wanted?: Parameters<typeof parsePage>[2]): Signals {
  const models = entry.model === undefined ? undefined : [entry.model];
  const outcome = readSignals(outcomeOf(entry, wanted), entry.engine as PresetName, models);
  if (!outcome.ok) throw new Error(outcome.message);
  return outcome.signals;
}

function expectAnswer(entry: Entry, signals: Signals): void {
  const { running, waiting, concurrency, capacity, kvCacheRatio, inferred } = signals;
  const orNull = (value: number | undefined) => value ?? null;
  expect({
    running: orNull(running),
    waiting: orNull(waiting),
    concurrency: orNull(concurrency),
    capacity: orNull(capacity),
    inferred,
  }).toEqual({
    running: entry.running,
    waiting: entry.waiting,
    concurrency: entry.concurrency,
    capacity: entry.capacity,
    inferred: entry.inferred ?? false,
  });
  expectRatio(kvCacheRatio, entry.kvCacheRatio);
  if (entry.models !== undefined) expect(signals.models).toEqual(entry.models);
  expect(signals.problems.length > 0).toBe(concurrency === undefined);
}

function expectRatio(ratio: number | undefined, wanted: number | null): void {
  if (wanted === null) expect(ratio).toBeUndefined();
  else expect(Math.abs(ratio! - wanted)).toBeLessThanOrEqual(1e-9);
}

describe.skipIf(!isThere)('pages with known answers', () => {
  it('are more than 35, GPU pages among them', () => {
    expect(entries.length).toBeGreaterThan(35);
    expect(entries.filter((entry) => entry.gpus !== undefined).length).toBeGreaterThan(5);
  });

  const named = entries.map((entry): [string, Entry] => [
    `${entry.file} ${entry.model ?? ''} as ${entry.engine}`,
    entry,
  ]);

  it.each(named.filter(([, entry]) => entry.explicitPreset !== true))('%s is detected', (_name, entry) => {
    const found = detectPreset(outcomeOf(entry));
    if (entry.engine === 'unknown') expect(found).toMatchObject({ kind: 'unknown', message: expect.any(String) });
    else if (entry.engine === 'dcgm') expect(found).toEqual({ kind: 'gpu' });
    else expect(found).toEqual({ kind: 'preset', preset: entry.engine });
  });

  const readable = named.filter(([, entry]) => Object.hasOwn(presets, entry.engine));

  it.each(readable)('%s gives the answer, whole and with the wanted names alone', (_name, entry) => {
    const whole = signalsOf(entry);
    expectAnswer(entry, whole);
    expect(signalsOf(entry, wantedNames(familiesOf(entry.engine as PresetName)))).toEqual(whole);
  });

  it.each(named.filter(([, { samples }]) => samples !== undefined))('%s has all its lines', (_name, entry) => {
    const { sampleLines, declaredFamilies } = outcomeOf(entry);
    expect({ sampleLines, declaredFamilies }).toEqual({
      sampleLines: entry.samples,
      declaredFamilies: entry.declaredFamilies,
    });
  });

  it.each(named.filter(([, { gpus }]) => gpus !== undefined))('%s shows each GPU', (_name, entry) => {
    const readings = readGpus(outcomeOf(entry));
    expect(readGpus(outcomeOf(entry, wantedNames(gpuFamilies)))).toEqual(readings);
    const wanted = entry.gpus!;
    expect(readings.map(bare).sort(byDevice)).toEqual(
      wanted.map(({ memoryRatio: _ratio, utilizationRatio: _busy, ...rest }) => rest).sort(byDevice),
    );
    for (const want of wanted) {
      const got = readings.find(({ uuid, migId }) => uuid === want.uuid && (migId ?? null) === want.migId)!;
      expectRatio(got.memoryRatio, want.memoryRatio as number | null);
      expectRatio(got.utilizationRatio, want.utilizationRatio as number | null);
    }
  });
});

function bare({ memoryRatio: _ratio, utilizationRatio: _busy, shared: _shared, ...rest }: GpuReading) {
  return Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, value ?? null]));
}

function byDevice(one: Record<string, unknown>, other: Record<string, unknown>): number {
  return `${one.uuid}${one.migId}` < `${other.uuid}${other.migId}` ? -1 : 1;
}
