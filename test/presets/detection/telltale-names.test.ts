import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PageParser } from '../../../src/exposition/page-parser.ts';
import { everyName } from '../../../src/exposition/wanted-names.ts';
import { detectPreset } from '../../../src/presets/detection/detect.ts';
import { telltaleNames } from '../../../src/presets/detection/telltale-names.ts';

const folder = process.env.FIXTURES_DIR ?? '../shared/fixtures';

interface Known {
  readonly file: string;
  readonly engine: string;
  readonly explicitPreset?: boolean;
}

function detected(file: string, names: typeof everyName) {
  const parser = new PageParser(names, 'text/plain');
  parser.push(readFileSync(join(folder, file)));
  const outcome = parser.end();
  return outcome.ok ? detectPreset(outcome.page) : outcome;
}

describe.skipIf(!existsSync(folder))('pages of real servers', () => {
  it('are told by their telltale names as well as by all of their names', () => {
    const known = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Known[];
    const pages = known.filter(({ file, explicitPreset }) => file.endsWith('.prom') && explicitPreset !== true);
    expect(pages.length).toBeGreaterThan(30);
    for (const { file, engine } of pages.filter(({ engine: name }) => name !== 'unknown')) {
      const told = detected(file, telltaleNames);
      expect(told, `${file}, ${engine}`).toEqual(detected(file, everyName));
    }
  });
});
