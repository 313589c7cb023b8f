import type { Page } from '../../exposition/page.ts';
import { presets } from '../catalogue/presets.ts';
import { asRecord } from '../reading/json-value.ts';
import { wordList } from '../reading/page-words.ts';
import type { CompiledPreset } from './compiled-preset.ts';
import { detectPreset } from './detect.ts';

/** Why a page is not the preset's, as a sentence; undefined when it is. An absent fingerprint never means zero. */
export function wrongEngine(page: Page, compiled: CompiledPreset): string | undefined {
  const { preset } = compiled;
  const wanted = preset.body ?? 'text';
  if (page.format === 'json' && wanted === 'text') return `expected ${preset.title}'s text page, found JSON`;
  if (page.format !== 'json' && wanted === 'json') return `expected JSON of ${preset.title}, found a text page`;
  if (page.format === 'json') return compiled.name === jsonKind(page, compiled) ? undefined : wrongJson(page, compiled);
  if (!hasFingerprint(page, compiled)) return missingFingerprint(page, compiled);
  return hasForeignLabel(page, compiled)
    ? `${preset.fingerprint[0]} has the label "${preset.foreignLabel}" here: this is a router's page, not one of ${preset.title}`
    : undefined;
}

function jsonKind(page: Page, compiled: CompiledPreset): string | undefined {
  // An empty array or object has no shape: the configured preset says what it is, and reads nothing from it.
  if (isEmptyJson(page.json, compiled)) return compiled.name;
  const found = detectPreset(page);
  return found.kind === 'preset' ? found.preset : undefined;
}

function isEmptyJson(json: unknown, { name }: CompiledPreset): boolean {
  if (Array.isArray(json)) return name === 'trtllm-serve-json' && json.length === 0;
  const record = asRecord(json);
  return name === 'keda-http' && record !== undefined && Object.keys(record).length === 0;
}

function wrongJson(page: Page, { preset }: CompiledPreset): string {
  const found = detectPreset(page);
  if (found.kind === 'preset') return `expected ${preset.title}, found the page of ${presets[found.preset].title}`;
  return `expected ${preset.title}, found other JSON`;
}

function hasFingerprint(page: Page, compiled: CompiledPreset): boolean {
  for (const { name } of page.samples) if (isFingerprint(name, compiled)) return true;
  for (const name of page.declared.keys()) if (isFingerprint(name, compiled)) return true;
  return false;
}

function isFingerprint(name: string, { fingerprintNames, fingerprintPrefixes }: CompiledPreset): boolean {
  return fingerprintNames.has(name) || fingerprintPrefixes.some((prefix) => name.startsWith(prefix));
}

function hasForeignLabel(page: Page, { preset, fingerprintNames }: CompiledPreset): boolean {
  const label = preset.foreignLabel;
  if (label === undefined) return false;
  return page.samples.some((sample) => fingerprintNames.has(sample.name) && (sample.labels[label] ?? '') !== '');
}

function missingFingerprint(page: Page, { preset }: CompiledPreset): string {
  const expected = wordList(preset.fingerprint.map((name) => (/[_:]$/.test(name) ? `${name}…` : name)));
  const words = [`expected a page of ${preset.title}, with ${expected}, and found nothing of it`];
  const found = detectPreset(page);
  if (found.kind === 'preset') words.push(`the page is one of ${presets[found.preset].title}`);
  if (found.kind === 'gpu') words.push('the page is a GPU exporter');
  else if (found.kind === 'unknown' && preset.howToSwitchOn !== undefined) words.push(preset.howToSwitchOn);
  return words.join('; ');
}
