import { parseDuration } from '../duration.ts';
import type { Parsed } from '../parsed.ts';
import { read, refuse } from '../parsed.ts';
import { quantityFrom } from '../quantity.ts';
import { quoted } from '../quoted.ts';

/** How long a start takes, in milliseconds: around a median with a log-normal spread, or one of some that were seen. */
export type ColdStartSetting =
  | { readonly kind: 'log-normal'; readonly medianMs: number; readonly sigma: number; readonly text: string }
  | { readonly kind: 'measured'; readonly spansMs: readonly number[]; readonly text: string };

/** What each request has to keep, in milliseconds. */
export interface SloSetting {
  readonly timeToFirstTokenMs: number;
  readonly timePerOutputTokenMs: number;
}

/** What the first policy has to keep. */
export interface RequireSetting {
  /** Share of requests within the objective, 0 to 1, at least. */
  readonly attainment: number | undefined;
  /** At most. */
  readonly gpuHours: number | undefined;
}

/** `120s`, `90s~0.25` or `80s|95s|140s`. */
export function coldStart(text: string): Parsed<ColdStartSetting> {
  const measured = text.split('|');
  if (measured.length > 1) {
    const spans = measured.map((span) => parseDuration(span.trim()));
    const broken = spans.findIndex((span) => !span.ok);
    if (broken >= 0) return refuse(`has ${quoted(measured[broken]!)}, which is no duration: write "80s|95s|140s"`);
    return read({ kind: 'measured', spansMs: spans.map((span) => (span.ok ? span.value : 0)), text });
  }
  const [median = '', spread] = text.split('~');
  const span = parseDuration(median);
  if (!span.ok) return span;
  if (spread === undefined) return read({ kind: 'log-normal', medianMs: span.value, sigma: 0, text });
  const sigma = quantityFrom(0)(spread);
  if (!sigma.ok || sigma.value > 3) return refuse('has a spread that is no number from 0 to 3: write "90s~0.25"');
  return read({ kind: 'log-normal', medianMs: span.value, sigma: sigma.value, text });
}

/** `ttft=5s,tpot=100ms`, both in any order. */
export function slo(text: string): Parsed<SloSetting> {
  const parts = pairs(text, ['ttft', 'tpot']);
  if (!parts.ok) return parts;
  const ttft = parseDuration(parts.value.get('ttft') ?? '');
  const tpot = parseDuration(parts.value.get('tpot') ?? '');
  if (!ttft.ok || !tpot.ok || ttft.value === 0 || tpot.value === 0) {
    return refuse('needs ttft and tpot as durations above 0: write "ttft=5s,tpot=100ms"');
  }
  return read({ timeToFirstTokenMs: ttft.value, timePerOutputTokenMs: tpot.value });
}

/** `attainment=0.99,gpuHours=40`, one of them or both. */
export function requirements(text: string): Parsed<RequireSetting> {
  const parts = pairs(text, ['attainment', 'gpuHours']);
  if (!parts.ok) return parts;
  const numberOf = (key: string): Parsed<number | undefined> => {
    const value = parts.value.get(key);
    return value === undefined ? read(undefined) : quantityFrom(0)(value);
  };
  const attainment = numberOf('attainment');
  const gpuHours = numberOf('gpuHours');
  if (!attainment.ok || (attainment.value ?? 0) > 1) return refuse('needs an attainment from 0 to 1, such as 0.99');
  if (!gpuHours.ok) return refuse('needs gpuHours as a number, such as 40');
  return read({ attainment: attainment.value, gpuHours: gpuHours.value });
}

function pairs(text: string, keys: readonly string[]): Parsed<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const part of text.split(',')) {
    const [key = '', value] = part.split('=').map((side) => side.trim());
    if (!keys.includes(key) || value === undefined) {
      return refuse(`has ${quoted(part)}: expected ${keys.map((one) => `${one}=…`).join(' or ')}`);
    }
    if (found.has(key)) return refuse(`has ${key} twice: keep one`);
    found.set(key, value);
  }
  return read(found);
}
