import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyEdits } from '../../src/check/apply-edits.ts';
import { checkManifests } from '../../src/check/check-manifests.ts';
import { maxFileLength } from '../../src/check/read-manifest.ts';
import { renderGithub, renderJson, renderSarif } from '../../src/check/report/machines.ts';
import { renderForPeople } from '../../src/check/report/people.ts';
import { scaledObject } from './scaled-objects.ts';

const settings = { scalerAddress: undefined, coldStartMs: 120_000 };
const check = (text: string, name = 'so.yaml') => checkManifests([{ name, text }], settings);
const wordsOf = (text: string) => check(text).files[0]!.findings.map(({ words }) => words);

describe('reads', () => {
  const wrong = scaledObject({ metadata: { windw: '60s' } });
  const asJson = JSON.stringify({ kind: 'List', items: [{ kind: 'Pod' }, JSON.parse(toJson(wrong))] });

  it.each([
    ['several documents, of which some are other kinds', `kind: Service\n---\n${wrong}---\n# nothing\n`],
    ['what helm prints: sources in comments', `---\n# Source: chart/templates/so.yaml\n${wrong}`],
    ['a list of objects', asJson],
    ['JSON', toJson(wrong)],
    ['files of another system', wrong.replaceAll('\n', '\r\n')],
  ])('%s', (_what, text) => {
    expect(wordsOf(text)).toEqual(['"windw" is not a parameter; did you mean "window"?']);
  });

  it('fenced YAML of Markdown, each place as it is in the file', () => {
    const text = `# Title\n\n1. A list:\n\n   \`\`\`yaml\n${wrong.replaceAll(/^/gm, '   ')}\n   \`\`\`\n`;
    const report = check(text, 'page.md');
    expect(report.files[0]!.findings).toHaveLength(1);
    const [line] = renderJson(report).match(/"line": \d+/)!;
    expect(text.split('\n')[Number(line.slice(8)) - 1]).toContain('windw');
  });

  it('aliases and merges as what they stand for', () => {
    const text = wrong.replace('    - type: external-push\n', '    - &one\n      type: external-push\n').trimEnd();
    expect(wordsOf(`${text}\n    - *one\n`)).toEqual([
      '"windw" is not a parameter; did you mean "window"?',
      '"windw" is not a parameter; did you mean "window"?',
    ]);
    const merged = scaledObject().replace('targetValue: "32"', '<<: { targetValue: "x" }');
    expect(wordsOf(merged)).toEqual([
      'parameter "targetValue" value "x" must be a number in plain digits, such as "32" or "0.5"',
    ]);
  });

  it('templates and broken YAML of other kinds not at all', () => {
    const report = check('{{- if .Values.x }}\nkind: Deployment\n---\na: [\n');
    expect(report.files[0]!.findings).toEqual([]);
    expect(report.passedOver).toBe(2);
  });
});

/** The YAML of a ScaledObject as JSON: the tests' objects hold nothing that needs a reader. */
function toJson(_yaml: string): string {
  return JSON.stringify({
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata: { name: 'llama', namespace: 'models' },
    spec: {
      scaleTargetRef: { name: 'llama' },
      minReplicaCount: 1,
      maxReplicaCount: 8,
      pollingInterval: 5,
      advanced: { horizontalPodAutoscalerConfig: { behavior: { scaleDown: { stabilizationWindowSeconds: 300 } } } },
      triggers: [
        {
          type: 'external-push',
          metadata: { scalerAddress: 'keda-llm-scaler.keda:6000', targetValue: '32', windw: '60s' },
        },
      ],
    },
  });
}

describe('refuses', () => {
  it.each([
    ['a list that does not end', 'kind: ScaledObject\nspec: [1,\n', /^broken YAML: /],
    ['a key given twice', 'kind: ScaledObject\nspec: 1\nspec: 2\n', /^broken YAML: Map keys must be unique/],
    [
      'a file of more than 16 Mi characters',
      `kind: ScaledObject\n${' '.repeat(maxFileLength)}`,
      /at most 16777216 characters/,
    ],
    [
      'a document of more than 1 Mi characters',
      `kind: ScaledObject\n#${'x'.repeat(1024 * 1024)}`,
      /at most 1048576 characters/,
    ],
    ['aliases of aliases', laughing(), /^expected at most 20000 values in one document/],
  ])('%s', (_what, text, words) => {
    const all = wordsOf(text);
    expect(all).toHaveLength(1);
    expect(all[0]).toMatch(words);
  });

  it('a fault of the YAML at its line', () => {
    expect(renderForPeople(check('a: 1\n---\nkind: ScaledObject\nb: 1\nb: 2\n'), false)).toMatch(
      /^so\.yaml:5:1: error \[yaml\]/,
    );
  });
});

/** Nine anchors, each of nine aliases of the one before: four hundred million values, were they written out. */
function laughing(): string {
  const lines = Array.from({ length: 9 }, (_, at) => {
    const items = at === 0 ? Array(9).fill('x') : Array(9).fill(`*a${at - 1}`);
    return `k${at}: &a${at} [${items.join(', ')}]`;
  });
  return `kind: ScaledObject\n${lines.join('\n')}\n`;
}

it('never throws, whatever it is given', () => {
  const piece = fc.constantFrom(
    'kind: ScaledObject\n',
    'spec:\n',
    '  triggers:\n',
    '  - ',
    '*a',
    '&a ',
    '{',
    '}',
    '[',
    ']',
    ': ',
    '"',
    "'",
    '\n---\n',
    '|\n',
    '<<: ',
    '\t',
    'x',
  );
  const text = fc.array(fc.oneof(piece, fc.string())).map((parts) => `kind: ScaledObject\n${parts.join('')}`);
  fc.assert(fc.property(text, (each) => check(each).files.length === 1));
});

describe('mends', () => {
  const broken = `# kept\n${scaledObject({
    metadata: { targetValue: 32, windw: '60s' },
    trigger: { type: 'external', metricTyp: undefined },
    spec: { maxReplicaCont: 8, maxReplicaCount: undefined },
  })}`;

  it('what is safe, and leaves everything else as it is', () => {
    const { text, edits } = applyEdits(broken, check(broken).files[0]!.findings);
    expect(edits).toBe(4);
    const good = scaledObject({ metadata: { window: '60s' } });
    const lines = (all: string) => all.split('\n').filter((line) => !/maxReplicaC/.test(line));
    expect(lines(text)).toEqual(['# kept', ...lines(good)]);
    expect(text).toContain('maxReplicaCount: 8');
    expect(wordsOf(text)).toEqual([]);
  });

  it('nothing where the author has to choose', () => {
    const text = scaledObject({ spec: { minReplicaCount: 0 } });
    expect(applyEdits(text, check(text).files[0]!.findings)).toEqual({ text, edits: 0 });
  });
});

describe('prints', () => {
  const text = scaledObject({ metadata: { windw: '60s' }, spec: { pollingInterval: 30 } });
  const report = check(text, 'a,b/so.yaml');
  const lineOf = (part: string) => text.split('\n').findIndex((line) => line.includes(part)) + 1;

  it('for people: place, rule, object, words, line, why, what to write, and a summary', () => {
    const printed = renderForPeople(report, false);
    expect(printed).toContain(
      `a,b/so.yaml:${lineOf('windw')}:9: error [metadata] (models/llama) "windw" is not a parameter`,
    );
    expect(printed).toContain(`  ${lineOf('pollingInterval')} |   pollingInterval: 30\n`);
    expect(printed).toContain('= why: one failed call closes the push stream');
    expect(printed).toContain('= write: window: "60s"');
    expect(printed).toMatch(
      /\n1 error, 1 warning; 1 can be mended by --fix; 1 ScaledObject looked at, 0 other documents passed over$/,
    );
    expect(stripVTControlCharacters(renderForPeople(report, true))).toBe(printed);
  });

  it('JSON with counts and places', () => {
    const read = JSON.parse(renderJson(report));
    expect(read).toMatchObject({ errors: 1, warnings: 1, objects: 1, passedOver: 0 });
    expect(read.findings[1]).toMatchObject({
      file: 'a,b/so.yaml',
      line: lineOf('windw'),
      column: 9,
      rule: 'metadata',
      fixable: true,
    });
  });

  it('annotations of a GitHub workflow, with what would end them escaped', () => {
    const [, windw] = renderGithub(report).split('\n');
    expect(windw).toMatch(
      /^::error file=a%2Cb\/so\.yaml,line=\d+,endLine=\d+,col=9,title=keda-llm-scaler metadata::"windw"/,
    );
    expect(windw).toContain('%0AWrite: window: "60s"');
  });

  it('SARIF with a rule for each result', () => {
    const { runs } = JSON.parse(renderSarif(report, '1.2.3'));
    const [{ tool, results }] = runs;
    expect(tool.driver).toMatchObject({ name: 'keda-llm-scaler check', version: '1.2.3' });
    expect(results.map(({ ruleId, level }: { ruleId: string; level: string }) => [ruleId, level])).toEqual([
      ['polling-interval', 'warning'],
      ['metadata', 'error'],
    ]);
    const ids = tool.driver.rules.map(({ id }: { id: string }) => id);
    expect(ids).toEqual(['polling-interval', 'metadata']);
  });
});
