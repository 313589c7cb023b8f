import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { sectionOf } from '../../scripts/changelog.ts';
import { unfitLicences } from '../../scripts/licences.ts';

const folder = '.github/workflows';
const workflows = readdirSync(folder).map((file) => ({ file, text: readFileSync(join(folder, file), 'utf8') }));
const scripts = JSON.parse(readFileSync('package.json', 'utf8')).scripts;

describe.each(workflows)('workflow $file', ({ text }) => {
  const workflow = parse(text);

  it('runs only scripts that there are', () => {
    const run = [...text.matchAll(/npm run (?:--silent )?([a-z:]+)/g)].map(([, name]) => name!);
    expect(run.length).toBeGreaterThan(0);
    expect(run.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  });

  it('starts from the lock file, with the least rights and a time limit', () => {
    expect(text).not.toMatch(/npm (install|i)\b/);
    expect(Object.values(workflow.permissions ?? {}).filter((right) => right !== 'read')).toEqual([]);
    for (const job of Object.values<Record<string, unknown>>(workflow.jobs))
      expect(job['timeout-minutes']).toBeTypeOf('number');
  });

  it('leaves no credentials behind and uses nothing that moves', () => {
    const uses = [...text.matchAll(/uses: (\S+)/g)].map(([, action]) => action!);
    expect(uses.filter((action) => !/@(v\d+(\.\d+)*|[0-9a-f]{40})$/.test(action))).toEqual([]);
    expect(text.match(/actions\/checkout/g)).toHaveLength(text.match(/persist-credentials: false/g)!.length);
    expect(text).not.toMatch(/pull_request_target|:latest/);
  });

  it('puts nothing that others write into a command', () => {
    const commands = [...text.matchAll(/run: [^\n]*|^ {10}[^\n]*$/gm)].map(([line]) => line);
    expect(
      commands.filter((line) => /\$\{\{ *github\.(event|head_ref)/.test(line) && !line.includes('CREATED=')),
    ).toEqual([]);
  });
});

describe('release notes', () => {
  const changelog =
    '# Changelog\n\n## Unreleased\n\n- b\n\n## 1.2.0 (2026-01-02)\n\n- a\n- c\n\n## 1.1.0\n\n## 1.0.0\n- first\n';

  it.each([
    ['1.2.0', '- a\n- c'],
    ['1.0.0', '- first'],
    ['Unreleased', '- b'],
  ])('of %s are its section', (version, text) => expect(sectionOf(changelog, version)).toBe(text));

  it.each(['1.2', '2.0.0', '1.1.0'])('of %s are missing', (version) =>
    expect(sectionOf(changelog, version)).toBeUndefined(),
  );
});

describe('licences', () => {
  it('of all that is shipped go with ours', () => {
    expect(unfitLicences(JSON.parse(readFileSync('package-lock.json', 'utf8')))).toEqual([]);
  });

  it('that do not are named, tools aside', () => {
    const packages = {
      '': { license: 'GPL-3.0' },
      'node_modules/a': { license: 'MIT' },
      'node_modules/b': { license: 'GPL-3.0' },
      'node_modules/a/node_modules/@x/c': {},
      'node_modules/d': { license: '(GPL-2.0 OR MIT)' },
      'node_modules/e': { license: 'MIT AND GPL-2.0' },
      'node_modules/f': { license: 'GPL-3.0', dev: true },
    };
    expect(unfitLicences({ packages })).toEqual([
      { name: 'b', licence: 'GPL-3.0' },
      { name: '@x/c', licence: undefined },
      { name: 'e', licence: 'MIT AND GPL-2.0' },
    ]);
  });
});
