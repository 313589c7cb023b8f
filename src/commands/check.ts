import { writeFile } from 'node:fs/promises';
import { applyEdits } from '../check/apply-edits.ts';
import type { CheckReport } from '../check/check-manifests.ts';
import { checkManifests, countsOf } from '../check/check-manifests.ts';
import { maxFileLength } from '../check/read-manifest.ts';
import { renderGithub, renderJson, renderSarif } from '../check/report/machines.ts';
import { renderForPeople } from '../check/report/people.ts';
import type { CheckFlags } from '../config/settings/check-flags.ts';
import { checkFields, parseCheckFlags } from '../config/settings/check-flags.ts';
import { asksForHelp } from '../config/settings/flags.ts';
import { renderHelp } from '../config/settings/help.ts';
import { ownVersion } from '../service/version.ts';
import { readManifestFiles } from './check/manifest-files.ts';

const summary = `Says what is wrong or risky in ScaledObjects before they are applied, and how the line should read.
Exit code 0: no error; 1: errors, or with --strict warnings; 2: wrong usage, or something could not be read.`;

/** Where the answer goes and standard input comes from. */
export interface CheckSurroundings {
  readonly log: (text: string) => void;
  readonly error: (text: string) => void;
  readonly readInput: () => Promise<string>;
  readonly hasColours: boolean;
}

/** Checks manifests and prints what it finds. Exit code 0, 1 for findings, 2 for usage and unreadable files. */
export async function check(argv: readonly string[], around: CheckSurroundings = ofProcess()): Promise<number> {
  if (asksForHelp(argv)) {
    const usage = 'keda-llm-scaler check FILE|DIR|-';
    around.log(renderHelp({ usage, summary, fields: checkFields, readsEnvironment: false }));
    return 0;
  }
  const flags = parseCheckFlags(argv);
  if (!flags.ok) {
    for (const fault of flags.faults) around.error(fault);
    return 2;
  }
  const { files, faults } = await readManifestFiles(flags.value.places, around.readInput);
  for (const fault of faults) around.error(fault);
  const settings = { scalerAddress: flags.value.scalerAddress, coldStartMs: flags.value.coldStart };
  const first = checkManifests(files, settings);
  const report = flags.value.fix ? checkManifests(await mend(first, around), settings) : first;
  around.log(rendered(report, flags.value, around));
  if (faults.length > 0) return 2;
  const { errors, warnings } = countsOf(report);
  return errors > 0 || (flags.value.strict && warnings > 0) ? 1 : 0;
}

async function mend({ files }: CheckReport, { error }: CheckSurroundings) {
  return await Promise.all(
    files.map(async ({ name, text, findings }) => {
      const mended = applyEdits(text, findings);
      if (mended.edits === 0) return { name, text };
      await writeFile(name, mended.text);
      error(`${name}: ${mended.edits} ${mended.edits === 1 ? 'change' : 'changes'} written`);
      return { name, text: mended.text };
    }),
  );
}

function rendered(report: CheckReport, { output }: CheckFlags, { hasColours }: CheckSurroundings): string {
  switch (output) {
    case 'json':
      return renderJson(report);
    case 'sarif':
      return renderSarif(report, ownVersion());
    case 'github':
      return renderGithub(report);
    case 'text':
      return renderForPeople(report, hasColours);
  }
}

function ofProcess(): CheckSurroundings {
  return {
    log: (text) => console.log(text),
    error: (text) => console.error(text),
    readInput: readStandardInput,
    hasColours: process.stdout.hasColors?.() === true && process.env.NO_COLOR === undefined,
  };
}

/** Rejects beyond the largest file that is checked, so that a pipe without end does not fill the memory. */
async function readStandardInput(): Promise<string> {
  let text = '';
  process.stdin.setEncoding('utf8');
  for await (const chunk of process.stdin) {
    text += chunk;
    if (text.length > maxFileLength) throw new Error(`expected at most ${maxFileLength} characters, found more`);
  }
  return text;
}
