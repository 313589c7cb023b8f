import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { check } from '../../src/commands/check.ts';
import { scaledObject } from '../check/scaled-objects.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'check-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const wrong = scaledObject({ metadata: { windw: '60s' } });
const risky = scaledObject({ spec: { pollingInterval: 30 } });

async function run(argv: readonly string[], input = '') {
  const printed: string[] = [];
  const said: string[] = [];
  const code = await check(argv, {
    log: (text) => printed.push(text),
    error: (text) => said.push(text),
    readInput: () => Promise.resolve(input),
    hasColours: false,
  });
  return { code, printed: printed.join('\n'), said };
}

function write(name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  return path;
}

describe('the exit code', () => {
  it.each([
    ['0 for a good object', scaledObject(), [], 0],
    ['0 for warnings', risky, [], 0],
    ['1 for warnings with --strict', risky, ['--strict'], 1],
    ['1 for errors', wrong, [], 1],
  ])('is %s', async (_what, text, flags, code) => {
    expect((await run([write('so.yaml', text), ...flags])).code).toBe(code);
  });

  it('is 2 for a file that is not there, and what is there is checked', async () => {
    const { code, printed, said } = await run([join(folder, 'none.yaml'), write('so.yaml', wrong)]);
    expect({ code, said }).toEqual({
      code: 2,
      said: [`${join(folder, 'none.yaml')} can't be read: there is no such file or folder`],
    });
    expect(printed).toContain('"windw" is not a parameter');
  });

  it.each([
    ['nothing to check', [], /^missing what to check/],
    ['a flag nobody knows', ['x.yaml', '--fixx'], /"--fixx" is not a flag; did you mean "--fix"\?/],
    ['an output nobody knows', ['x.yaml', '--output', 'xml'], /--output value "xml" must be one of/],
    ['-f without a file', ['-f'], /^-f has no value/],
    ['--fix of standard input', ['-', '--fix'], /^--fix expects files/],
  ])('is 2 for %s', async (_what, argv, words) => {
    const { code, said } = await run(argv);
    expect(code).toBe(2);
    expect(said.join('\n')).toMatch(words);
  });
});

it('reads folders whole, but no folder of packages', async () => {
  write('a/so.yaml', wrong);
  write('a/b/so.yml', wrong);
  write('a/notes.txt', wrong);
  write('a/node_modules/x/so.yaml', wrong);
  const { printed } = await run([folder, '--json']);
  expect(JSON.parse(printed)).toMatchObject({ errors: 2, objects: 2 });
});

it.each([
  ['-', ['-']],
  ['-f -', ['-f', '-']],
  ['--filename=-', ['--filename=-']],
])('reads standard input for %s', async (_what, argv) => {
  const { code, printed } = await run(argv, wrong);
  expect(code).toBe(1);
  expect(printed).toMatch(/^standard input:\d+:\d+: error/);
});

it('writes the safe changes with --fix and says what is left', async () => {
  const path = write('so.yaml', scaledObject({ metadata: { windw: '60s' }, spec: { minReplicaCount: 0 } }));
  const { code, printed, said } = await run(['-f', path, '--fix']);
  expect({ code, said }).toEqual({ code: 1, said: [`${path}: 1 change written`] });
  expect(readFileSync(path, 'utf8')).toContain('window: 60s');
  expect(printed).not.toContain('windw');
  expect(printed).toContain('[zero-without-gateway]');
});

it('takes the cold start and the address from its flags', async () => {
  const text = scaledObject({
    spec: { minReplicaCount: 0, cooldownPeriod: 300 },
    metadata: { gatewayService: 'epp', scalerAddress: 'mine:6000' },
  });
  const path = write('so.yaml', text);
  expect((await run([path])).printed).toContain('0 ScaledObjects looked at');
  const { printed } = await run(['--cold-start', '10m', '--scaler-address', 'mine:6000', path]);
  expect(printed).toContain('"cooldownPeriod" (300 s) is below a cold start of 10m');
});
