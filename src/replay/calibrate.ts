import type { RunComparison, RunError, Span } from '../simulate/calibration/compare-run.ts';
import { spans } from '../simulate/calibration/compare-run.ts';
import { fitProfile } from '../simulate/calibration/fit-profile.ts';
import type { LoggedRequest } from '../simulate/calibration/run-log.ts';
import { readRunLog } from '../simulate/calibration/run-log.ts';
import type { EngineProfile } from '../simulate/engine/engine-profiles.ts';

const spanNames: Readonly<Record<Span, string>> = {
  timeToFirstToken: 'time to first token',
  timePerOutputToken: 'time per output token',
  endToEnd: 'end to end',
};

/** A fitted profile as a file, and how well it fits in words. Throws RunLogError. */
export async function calibrate(
  files: readonly string[],
  start: EngineProfile,
): Promise<{ readonly text: string; readonly lines: readonly string[] }> {
  const runs: LoggedRequest[][] = [];
  for (const file of files) runs.push(await readRunLog(file));
  const { profile, before, after } = fitProfile(start, runs, `${start.name}-calibrated`);
  const lines = files.flatMap((file, run) => [
    `${file}: ${runs[run]!.length} requests; simulated against real`,
    ...spans.map((span) => fitLine(span, before[run]!, after[run]!)),
  ]);
  if (files.length === 1) lines.push('One load tells little of another: calibrate with a light and a heavy one.');
  return { text: `${JSON.stringify(profile, null, 2)}\n`, lines };
}

function fitLine(span: Span, before: RunComparison, after: RunComparison): string {
  const figures = ({ mean, p50, p99 }: RunError): string =>
    `mean ${signed(mean)}, p50 ${signed(p50)}, p99 ${signed(p99)}`;
  return `  ${spanNames[span].padEnd(23)}${figures(after[span])}  (before: ${figures(before[span])})`;
}

function signed(error: number): string {
  return `${error < 0 ? '−' : '+'}${Math.abs(error * 100).toFixed(1)} %`;
}
