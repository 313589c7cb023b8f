import type { CheckReport, FileReport } from '../check-manifests.ts';
import { countsOf } from '../check-manifests.ts';
import type { Finding } from '../finding.ts';
import { Lines } from './lines.ts';

/** Colours of a terminal, or none. */
interface Paint {
  readonly error: (text: string) => string;
  readonly warning: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly good: (text: string) => string;
}

const introducer = '\u001b[';
const coloured = (code: number) => (text: string) => `${introducer}${code}m${text}${introducer}0m`;
const plainly = (text: string): string => text;
const colours: Paint = { error: coloured(31), warning: coloured(33), faint: coloured(2), good: coloured(32) };
const noColours: Paint = { error: plainly, warning: plainly, faint: plainly, good: plainly };

/** What was found, for people: one block a finding, a summary last. */
export function renderForPeople(report: CheckReport, useColour: boolean): string {
  const paint = useColour ? colours : noColours;
  const blocks = report.files.flatMap((file) => {
    const lines = new Lines(file.text);
    return file.findings.map((finding) => blockOf(file, { finding, lines, paint }));
  });
  return [...blocks, summaryOf(report, paint)].join('\n\n');
}

interface Block {
  readonly finding: Finding;
  readonly lines: Lines;
  readonly paint: Paint;
}

function blockOf({ name }: FileReport, { finding, lines, paint }: Block): string {
  const { severity, rule, words, why, mend, span, object } = finding;
  const { line, column } = lines.placeOf(span.start);
  const number = String(line);
  const margin = ' '.repeat(number.length);
  const subject = object === '' ? '' : ` ${paint.faint(`(${object})`)}`;
  return [
    `${name}:${line}:${column}: ${paint[severity](severity)} ${paint.faint(`[${rule}]`)}${subject} ${words}`,
    `  ${paint.faint(`${number} |`)} ${lines.textOf(line)}`,
    ...(why === undefined ? [] : [`  ${margin} ${paint.faint('=')} why: ${why}`]),
    ...(mend === undefined ? [] : [`  ${margin} ${paint.faint('=')} ${paint.good('write')}: ${mend}`]),
  ].join('\n');
}

function summaryOf(report: CheckReport, paint: Paint): string {
  const { errors, warnings } = countsOf(report);
  const looked = `${counted(report.objects, 'ScaledObject')} looked at, ${counted(report.passedOver, 'other document')} passed over`;
  if (errors + warnings === 0) return `${paint.good('nothing found')}; ${looked}`;
  const fixable = report.files.flatMap(({ findings }) => findings).filter(({ edits }) => edits.length > 0).length;
  const advice = fixable === 0 ? '' : `; ${fixable} can be mended by --fix`;
  return `${counted(errors, 'error')}, ${counted(warnings, 'warning')}${advice}; ${looked}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
