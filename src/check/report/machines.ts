import type { CheckReport, FileReport } from '../check-manifests.ts';
import { countsOf } from '../check-manifests.ts';
import type { Finding } from '../finding.ts';
import type { Place } from './lines.ts';
import { Lines } from './lines.ts';

interface PlacedFinding {
  readonly file: string;
  readonly finding: Finding;
  readonly from: Place;
  readonly to: Place;
}

function placed({ name, text, findings }: FileReport): PlacedFinding[] {
  const lines = new Lines(text);
  return findings.map((finding) => {
    return { file: name, finding, from: lines.placeOf(finding.span.start), to: lines.placeOf(finding.span.end) };
  });
}

/** One JSON object: counts, and every finding with its place. */
export function renderJson(report: CheckReport): string {
  const findings = report.files.flatMap(placed).map(({ file, from, finding }) => {
    const { rule, severity, object, key, words, why = null, mend = null, edits } = finding;
    return { file, ...from, rule, severity, object, key, words, why, mend, fixable: edits.length > 0 };
  });
  const { objects, passedOver } = report;
  return JSON.stringify({ ...countsOf(report), objects, passedOver, findings }, undefined, 2);
}

/** Annotations of a GitHub workflow, one line a finding. */
export function renderGithub(report: CheckReport): string {
  return report.files
    .flatMap(placed)
    .map(({ file, from, to, finding: { severity, rule, words, why, mend } }) => {
      const place = `file=${property(file)},line=${from.line},endLine=${to.line},col=${from.column}`;
      const text = [words, why && `Why: ${why}`, mend && `Write: ${mend}`].filter(Boolean).join('\n');
      return `::${severity} ${place},title=${property(`keda-llm-scaler ${rule}`)}::${message(text)}`;
    })
    .join('\n');
}

function message(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return message(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** SARIF 2.1.0, as code scanners and editors read it. */
export function renderSarif(report: CheckReport, version: string): string {
  const all = report.files.flatMap(placed);
  const rules = [...new Set(all.map(({ finding }) => finding.rule))].map((id) => ({ id }));
  const results = all.map(({ file, from, to, finding: { rule, severity, words, why } }) => ({
    ruleId: rule,
    level: severity,
    message: { text: why === undefined ? words : `${words} (${why})` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: file.replaceAll('\\', '/') },
          region: { startLine: from.line, startColumn: from.column, endLine: to.line, endColumn: to.column },
        },
      },
    ],
  }));
  const driver = { name: 'keda-llm-scaler check', version, rules };
  const schema = 'https://json.schemastore.org/sarif-2.1.0.json';
  return JSON.stringify({ $schema: schema, version: '2.1.0', runs: [{ tool: { driver }, results }] }, undefined, 2);
}
