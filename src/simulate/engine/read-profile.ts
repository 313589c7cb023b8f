import type { Parsed } from '../../config/parsed.ts';
import { read, refuse } from '../../config/parsed.ts';
import type { EngineProfile } from './engine-profiles.ts';
import { engineProfiles } from './engine-profiles.ts';

/** Reads a profile as `--calibrate` writes it, or says what is wrong with it in predicates that follow its name. */
export function readProfile(text: string): Parsed<EngineProfile> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return refuse('is no JSON: write one with --calibrate');
  }
  const pattern = engineProfiles[0]!;
  const faults = faultsOf(parsed, pattern, '');
  return faults.length > 0 ? refuse(...faults) : read(parsed as EngineProfile);
}

/** Compares with a profile that is right: the same keys, and numbers above 0 where it has numbers. */
function faultsOf(found: unknown, pattern: unknown, path: string): string[] {
  const at = path === '' ? '' : ` at ${path}`;
  if (typeof pattern === 'number') {
    return typeof found === 'number' && Number.isFinite(found) && found > 0 ? [] : [`has no number above 0${at}`];
  }
  if (typeof pattern === 'string') return typeof found === 'string' ? [] : [`has no text${at}`];
  if (typeof found !== 'object' || found === null) return [`has no object${at}`];
  return Object.entries(pattern as object).flatMap(([key, value]) =>
    faultsOf((found as Record<string, unknown>)[key], value, path === '' ? key : `${path}.${key}`),
  );
}
