import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { documents, referenceIn, withReference } from '../scripts/generated-docs.ts';
import type { ActiveReason } from '../src/aggregation/activity.ts';
import type { ReadingFailure } from '../src/aggregation/reading.ts';
import { parseScrapeCredentials, ruleKeys } from '../src/config/access/scrape-credentials.ts';
import { parseTriggerMetadata } from '../src/config/metadata/parse-trigger-metadata.ts';
import { triggerFields } from '../src/config/metadata/trigger-fields.ts';
import { flagOf, variableOf } from '../src/config/settings/flags.ts';
import { settingFields } from '../src/config/settings/setting-fields.ts';
import type { PageFailure } from '../src/exposition/page.ts';
import type { ScrapeFailure } from '../src/scrape/scrape-outcome.ts';

const pages = readdirSync('docs', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.md'))
  .map((path) => join('docs', path));
if (existsSync('README.md')) pages.unshift('README.md');

/** The first cell of each row of a page's generated table. */
function firstCells(path: string): string[] {
  const document = documents.find((known) => known.path === path)!;
  const rows = referenceIn(readFileSync(path, 'utf8'), document).split('\n');
  return rows.filter((row) => row.startsWith('| `')).map((row) => /^\| `([^`]+)`/.exec(row)![1]!);
}

describe('reference tables', () => {
  it.each(documents)('$path is what its schema says (else: npm run generate)', (document) => {
    const text = readFileSync(document.path, 'utf8');
    expect(referenceIn(text, document)).toBe(document.render());
    expect(withReference(text, document)).toBe(text);
  });

  it('have a row for each metadata key, and a key for each row', () => {
    expect(firstCells('docs/trigger-metadata.md')).toEqual(Object.keys(triggerFields));
    expect(Object.keys(triggerFields)).toHaveLength(32);
  });

  it('have a row for each flag and its variable, and a setting for each row', () => {
    const text = readFileSync('docs/settings.md', 'utf8');
    expect(firstCells('docs/settings.md')).toEqual(Object.keys(settingFields).map(flagOf));
    expect(Object.keys(settingFields)).toHaveLength(27);
    for (const name of Object.keys(settingFields)) expect(text).toContain(`| \`${variableOf(name)}\` |`);
  });

  it('keep what stands around them, and miss no marker silently', () => {
    const document = { path: 'page.md', part: 'list', render: () => 'new' };
    const page = 'before\n<!-- generated: list -->\nold\n<!-- end of generated part -->\nafter\n';
    const made = withReference(page, document);
    expect(made).toBe(page.replace('\nold\n', '\n\nnew\n\n'));
    expect(withReference(made, document)).toBe(made);
    expect(() => withReference('no markers', document)).toThrow('page.md lacks the markers of its list');
  });
});

interface TriggerExample {
  readonly where: string;
  readonly metadata: unknown;
  readonly minReplicaCount: number;
}

/** Triggers of external scalers in every ScaledObject of a page's fenced YAML. */
function examplesOf(path: string): TriggerExample[] {
  const blocks = [...readFileSync(path, 'utf8').matchAll(/^([ \t]*)```ya?ml[^\n]*\n([\s\S]*?)^\1```/gm)];
  return blocks.flatMap(([block, margin, body], place) => {
    const text = body!.replaceAll(new RegExp(`^${margin}`, 'gm'), '');
    return parseAllDocuments(text).flatMap((document) => {
      expect(document.errors, `${path}: ${block}`).toEqual([]);
      const resource = document.toJS();
      if (resource?.kind !== 'ScaledObject') return [];
      const triggers: { type: string; metadata: unknown }[] = resource.spec.triggers;
      return triggers
        .filter(({ type }) => type === 'external' || type === 'external-push')
        .map(({ metadata }) => {
          const { minReplicaCount } = resource.spec;
          return { where: `${path}, YAML block ${place + 1}`, metadata, minReplicaCount };
        });
    });
  });
}

describe('examples', () => {
  const examples = pages.flatMap(examplesOf);

  it('are found', () => expect(examples.length).toBeGreaterThanOrEqual(5));

  it.each(examples)('$where has metadata we accept, all of it strings', ({ metadata }) => {
    const values = Object.values(metadata as Record<string, unknown>);
    expect(values.filter((value) => typeof value !== 'string')).toEqual([]);
    const parsed = parseTriggerMetadata(metadata as Record<string, string>);
    expect(parsed.ok ? [] : parsed.faults).toEqual([]);
    expect(metadata).toHaveProperty('scalerAddress');
  });

  it.each(examples)('$where goes to zero only where something in front can wake it', (example) => {
    const { metadata, minReplicaCount } = example;
    expect([0, 1]).toContain(minReplicaCount);
    if (minReplicaCount === 0) expect(metadata).toHaveProperty('gatewayService');
  });
});

/** Complete by its type: a new word does not compile until it stands here, and then in the docs. */
const failures: Record<ReadingFailure | ScrapeFailure | PageFailure, true> = {
  refused: true,
  unreachable: true,
  timeout: true,
  'http-status': true,
  redirect: true,
  unauthorized: true,
  'not-found': true,
  'body-too-large': true,
  'malformed-response': true,
  truncated: true,
  'denied-by-policy': true,
  malformed: true,
  empty: true,
  html: true,
  'too-many-samples': true,
  'unsupported-format': true,
  'wrong-engine': true,
  'scaler-fault': true,
  quarantined: true,
};
const activeReasons: Record<ActiveReason, true> = {
  'requests-held': true,
  'load-above-activation': true,
  serving: true,
  'gpu-busy': true,
  starting: true,
  'request-finished': true,
  'recently-active': true,
  'gateway-unreadable': true,
};

describe('docs/troubleshooting.md', () => {
  const text = readFileSync('docs/troubleshooting.md', 'utf8');

  it.each([
    ["Why a replica can't be read", failures, 19],
    ['Why it is active', activeReasons, 8],
  ] as const)('says under "%s" what each word means', (title, words, count) => {
    const section = text.split(`## ${title}\n`)[1]!.split('\n## ')[0]!;
    const rows = section.split('\n').filter((line) => line.startsWith('| `'));
    const explained = rows.flatMap((row) => [...row.split(' | ')[0]!.matchAll(/`([^`]+)`/g)].map(([, word]) => word!));
    expect(explained.sort()).toEqual(Object.keys(words).sort());
    expect(explained).toHaveLength(count);
  });
});

it('docs/scrape-credentials.md has rules we accept, and a row for each key', () => {
  const text = readFileSync('docs/scrape-credentials.md', 'utf8');
  const [, json] = /```json\n([\s\S]*?)```/.exec(text)!;
  const parsed = parseScrapeCredentials(json!);
  expect(parsed.ok ? [] : parsed.faults).toEqual([]);
  const keys = [...text.matchAll(/^\| `(\w+)` \|/gm)].map(([, key]) => key);
  expect(keys).toEqual(ruleKeys);
});
