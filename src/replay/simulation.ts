import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { SimulateFlags } from '../config/settings/simulate-flags.ts';
import { usualColdStart } from '../config/settings/simulate-flags.ts';
import { coldStart } from '../config/settings/simulate-readers.ts';
import { RunLogError } from '../simulate/calibration/run-log.ts';
import type { EngineProfile } from '../simulate/engine/engine-profiles.ts';
import { profileNamed } from '../simulate/engine/engine-profiles.ts';
import { readProfile } from '../simulate/engine/read-profile.ts';
import { TraceError } from '../simulate/traffic/trace-lines.ts';
import type { RecordedTraffic } from '../triggers/traffic-recording.ts';
import { calibrate } from './calibrate.ts';
import { compare, PolicyError } from './compare.ts';
import type { Load } from './demand/load.ts';
import { madeUpLoad, scaled, traceLoad } from './demand/loads.ts';
import { RecordingError, readRecording, recordedLoad, recordedStarts } from './demand/recorded-load.ts';
import { LoadError } from './demand/survey.ts';
import type { PolicyText } from './policies/parse-policy.ts';
import { parsePolicyList, usualPolicies } from './policies/parse-policy.ts';
import type { Comparison } from './report/comparison.ts';
import { renderCsv } from './report/render-csv.ts';
import { renderHtml } from './report/render-html.ts';
import { renderJson } from './report/render-json.ts';
import { renderTable } from './report/render-table.ts';

/** Why nothing was simulated, one sentence a fault. */
export class SimulationError extends Error {
  override readonly name = 'SimulationError';
  readonly faults: readonly string[];
  /** Whether the command line has to change, rather than what it names. */
  readonly isUsage: boolean;

  constructor(faults: readonly string[], isUsage = false) {
    super(faults.join('; '));
    this.faults = faults;
    this.isUsage = isUsage;
  }
}

/** What a simulation leaves behind. */
export interface SimulationOutput {
  readonly files: readonly { readonly path: string; readonly text: string }[];
  /** For standard output. */
  readonly lines: readonly string[];
  /** Whether the first policy keeps what was required; true where nothing was. */
  readonly isKept: boolean;
}

/** Replays what the flags ask for. Throws SimulationError. */
export async function simulateWith(
  flags: SimulateFlags,
  onStage: (what: string, share: number) => void,
): Promise<SimulationOutput> {
  if (flags.calibrate !== undefined) return await calibrated(flags.calibrate, flags);
  const policies = policiesOf(flags.policy);
  const profile = await profileOf(flags.profile);
  const recorded = flags.recording === undefined ? undefined : await recordingOf(flags.recording);
  const load = scaled(loadOf(flags, recorded), flags.scale, flags.seed);
  const comparison = await compared(load, { flags: withStarts(flags, recorded), policies, profile, onStage });
  return outputOf(comparison, flags);
}

/** Fits a profile; without a file for it, it is printed. */
async function calibrated(files: string, { profile, output }: SimulateFlags): Promise<SimulationOutput> {
  try {
    const { text, lines } = await calibrate(files.split(','), await profileOf(profile));
    if (output === undefined) return { files: [], lines: [text.trimEnd(), ...lines], isKept: true };
    return { files: [{ path: output, text }], lines, isKept: true };
  } catch (error) {
    if (error instanceof RunLogError) throw new SimulationError([error.message]);
    throw error;
  }
}

interface Plan {
  readonly flags: SimulateFlags;
  readonly policies: readonly PolicyText[];
  readonly profile: EngineProfile;
  readonly onStage: (what: string, share: number) => void;
}

async function compared(load: Load, { flags, policies, profile, onStage }: Plan): Promise<Comparison> {
  const { slo, minReplicas, maxReplicas, coldStart, firstColdStart, seed, attainment } = flags;
  try {
    return await compare(load, {
      profile,
      policies,
      slo,
      minReplicas,
      maxReplicas,
      coldStarts: { first: firstColdStart ?? coldStart, later: coldStart },
      graceMs: flags.grace,
      timeoutMs: flags.timeout ?? Number.POSITIVE_INFINITY,
      patienceMs: flags.patience ?? Number.POSITIVE_INFINITY,
      seed,
      attainment,
      isOracleSought: flags.oracle === 'on',
      onStage,
    });
  } catch (error) {
    if (error instanceof PolicyError) throw new SimulationError(error.faults, true);
    if (error instanceof TraceError || error instanceof LoadError) throw new SimulationError([error.message]);
    throw error;
  }
}

function policiesOf(text: string | undefined): readonly PolicyText[] {
  const parsed = parsePolicyList(text ?? usualPolicies.join(','));
  if (parsed.ok) return parsed.value;
  throw new SimulationError(
    parsed.faults.map((fault) => `--policy: ${fault}`),
    true,
  );
}

async function profileOf(name: string): Promise<EngineProfile> {
  if (existsSync(name)) {
    const profile = readProfile(await readFile(name, 'utf8'));
    if (profile.ok) return profile.value;
    throw new SimulationError(profile.faults.map((fault) => `--profile value "${name}" ${fault}`));
  }
  const found = profileNamed(name);
  if (typeof found !== 'string') return found;
  throw new SimulationError([`--profile value "${name}" is no profile and no file; ${found}`], true);
}

async function recordingOf(file: string): Promise<RecordedTraffic> {
  try {
    return readRecording(await readFile(file, 'utf8'), file);
  } catch (error) {
    throw new SimulationError([error instanceof RecordingError ? error.message : `${file}: ${String(error)}`]);
  }
}

/** Starts that were recorded stand for those of the replay, unless others are asked for. */
function withStarts(flags: SimulateFlags, recorded: RecordedTraffic | undefined): SimulateFlags {
  const seen = recorded && recordedStarts(recorded);
  const setting = seen === undefined ? undefined : coldStart(seen);
  const isUsual = flags.coldStart.text === usualColdStart;
  return setting?.ok === true && isUsual ? { ...flags, coldStart: setting.value } : flags;
}

function loadOf(
  { trace, recording, start, duration, seed }: SimulateFlags,
  recorded: RecordedTraffic | undefined,
): Load {
  if (recording !== undefined && recorded !== undefined) {
    try {
      return recordedLoad(recorded, recording, seed);
    } catch (error) {
      if (error instanceof RecordingError) throw new SimulationError([error.message]);
      throw error;
    }
  }
  if (trace === undefined) return madeUpLoad(duration, seed);
  return traceLoad(trace, { startMs: start ?? 0, durationMs: duration ?? Number.POSITIVE_INFINITY });
}

function outputOf(comparison: Comparison, { json, csv, html, require }: SimulateFlags): SimulationOutput {
  const files = [
    ...(json === undefined || json === '-' ? [] : [{ path: json, text: renderJson(comparison) }]),
    ...(html === undefined ? [] : [{ path: html, text: renderHtml(comparison) }]),
    ...(csv === undefined ? [] : [{ path: csv, text: renderCsv(comparison) }]),
  ];
  const faults = missed(comparison, require);
  const shown = json === '-' ? [renderJson(comparison).trimEnd()] : [renderTable(comparison), ...faults];
  return { files, lines: shown, isKept: faults.length === 0 };
}

/** What of the requirement the first policy does not keep, in words. */
function missed({ policies }: Comparison, require: SimulateFlags['require']): string[] {
  const first = policies[0];
  if (require === undefined || first === undefined) return [];
  const { attainment, gpuHours } = require;
  const faults: string[] = [];
  if (attainment !== undefined && first.attainment < attainment) {
    faults.push(`required: ${first.name} keeps ${first.attainment} of requests in the SLO, less than ${attainment}`);
  }
  if (gpuHours !== undefined && first.gpuHours > gpuHours) {
    faults.push(`required: ${first.name} costs ${first.gpuHours} GPU-hours, more than ${gpuHours}`);
  }
  return faults;
}
