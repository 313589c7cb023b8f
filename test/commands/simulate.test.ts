import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { simulate } from '../../src/commands/simulate.ts';

const folder = mkdtempSync(join(tmpdir(), 'simulate-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function run(...argv: string[]) {
  const lines: string[] = [];
  const errors: string[] = [];
  const progress: string[] = [];
  const exitCode = await simulate(argv, {
    log: (line: string) => lines.push(line),
    error: (line: string) => errors.push(line),
    progress: (line) => progress.push(line),
  });
  return { exitCode, text: lines.join('\n'), errors, progress };
}

function traceOf(lines: readonly string[], name = 'requests.csv'): string {
  const path = join(folder, name);
  writeFileSync(path, `t_s,input_tokens,output_tokens\n${lines.join('\n')}\n`);
  return path;
}

/** Half an hour with a rush in it, typed as a formula so that anybody can make it anew. */
const rush = Array.from({ length: 6000 }, (_, index) => {
  const second = index < 500 ? index * 2 : index < 4500 ? 1000 + (index - 500) * 0.1 : 1400 + (index - 4500) * 0.5;
  return `${second.toFixed(1)},${200 + ((index * 37) % 900)},${20 + ((index * 13) % 180)}`;
});
const small = ['--policy', 'ours,static-p99,knative', '--cold-start', '45s~0.2', '--slo', 'ttft=2s,tpot=80ms'];

describe('simulate', () => {
  it('gives the table it gave before', async () => {
    const { exitCode, text } = await run('--trace', traceOf(rush), ...small);
    expect(exitCode).toBe(0);
    await expect(`${text}\n`).toMatchFileSnapshot('simulate-table.txt');
  });

  it('writes the same bytes for the same seed, and others for another', async () => {
    const files = ['json', 'csv', 'html'];
    const write = async (seed: string, folderName: string): Promise<string[]> => {
      const paths = files.map((kind) => join(folder, `${folderName}.${kind}`));
      const flags = files.flatMap((kind, place) => [`--${kind}`, paths[place]!]);
      await run('--trace', traceOf(rush), ...small, '--seed', seed, ...flags);
      return paths.map((path) => readFileSync(path, 'utf8'));
    };
    const once = await write('1', 'once');
    expect(await write('1', 'again')).toEqual(once);
    expect(await write('2', 'other')).not.toEqual(once);
    expect(once[2]).toContain('<!doctype html>');
  });

  it('prints JSON of the promised shape', async () => {
    const { text } = await run('--trace', traceOf(rush), ...small, '--json', '-');
    const report = JSON.parse(text);
    expect(report).toMatchObject({ trace: 'requests.csv', profile: '8b-l4', requests: 6000 });
    expect(report.oracle.gpuHours).toBeGreaterThan(0);
    expect(report.policies.map((row: { name: string }) => row.name)).toEqual(['ours', 'static-p99', 'knative']);
    for (const row of report.policies) {
      expect(Object.keys(row)).toEqual(
        expect.arrayContaining(['attainment', 'gpuHours', 'timesOracle', 'scaleEvents', 'peakReplicas']),
      );
      for (const key of ['ttftSeconds', 'tpotSeconds']) expect(Object.keys(row[key])).toEqual(['p50', 'p95', 'p99']);
      expect(row.timesOracle).toBeCloseTo(row.gpuHours / report.oracle.gpuHours, 2);
    }
  });

  it('says by its exit code whether the first policy keeps what is required', async () => {
    const trace = traceOf(rush);
    const kept = await run('--trace', trace, ...small, '--require', 'attainment=0.5,gpuHours=100');
    expect(kept.exitCode).toBe(0);
    const missed = await run('--trace', trace, ...small, '--require', 'attainment=1,gpuHours=0.01');
    expect(missed.exitCode).toBe(1);
    expect(missed.text).toMatch(/required: ours keeps 0\.\d+ of requests in the SLO, less than 1/);
    expect(missed.text).toMatch(/required: ours costs \d+\.\d+ GPU-hours, more than 0\.01/);
  });

  it('makes a service up where no trace is given, and says so', async () => {
    const { exitCode, text } = await run('--policy', 'static:replicas=4', '--duration', '5m');
    expect(exitCode).toBe(0);
    expect(text).toContain('a made-up service of 12 clients (no trace was given; seed 1)');
  });

  it('shows how far it is', async () => {
    const { progress } = await run('--trace', traceOf(rush), '--policy', 'ours');
    expect(progress.some((line) => /\] 100 % {2}ours$/.test(line))).toBe(true);
    expect((await run('--trace', traceOf(rush), '--policy', 'ours', '--quiet')).progress.filter(Boolean)).toEqual([]);
  });

  it('prints its help', async () => {
    const { exitCode, text } = await run('--help');
    expect(exitCode).toBe(0);
    expect(text).toContain('--cold-start DURATION[~SPREAD]|A|B|…');
  });
});

/** Twenty minutes of a recording, with a rush in the middle and silence before the end. */
const recording = {
  namespace: 'models',
  scaledObject: 'llama',
  bucketSeconds: 10,
  buckets: Array.from({ length: 120 }, (_, bucket) => ({
    arrivals: Array.from({ length: 10 }, (_, second) =>
      bucket > 100 ? 0 : bucket > 50 && bucket < 80 ? 6 : second % 2,
    ),
    promptTokens: bucket % 7 === 0 ? null : 800,
    outputTokens: bucket % 7 === 0 ? null : 90,
    replicas: 2,
    ready: 2,
  })),
  startsSeconds: [40, 55, 48],
};

describe('a recording', () => {
  const file = join(folder, 'recording.json');

  it('is replayed with the starts that were seen', async () => {
    writeFileSync(file, JSON.stringify(recording));
    const { exitCode, text } = await run('--recording', file, '--policy', 'ours', '--json', '-');
    const report = JSON.parse(text);
    expect(exitCode).toBe(0);
    expect(report).toMatchObject({ coldStart: '40s|55s|48s', requests: 29 * 60 + 72 * 5 });
    expect(report.meanTokens.prompt / 800).toBeGreaterThan(0.85);
    expect(report.meanTokens.prompt / 800).toBeLessThan(1.15);
    const own = await run('--recording', file, '--policy', 'ours', '--json', '-', '--cold-start', '9s');
    expect(JSON.parse(own.text).coldStart).toBe('9s');
  });

  it.each([
    ['no JSON', 'x', /recording\.json: expected the JSON of \/status/],
    ['another JSON', '{}', /expected bucketSeconds, buckets and startsSeconds/],
    ['a broken bucket', JSON.stringify({ ...recording, buckets: [{ arrivals: [-1] }] }), /bucket 0 is none/],
    [
      'no tokens',
      JSON.stringify({ ...recording, buckets: [{ arrivals: [1], promptTokens: null, outputTokens: null }] }),
      /no tokens were counted in it/,
    ],
  ])('says so where it is %s', async (_name, text, words) => {
    writeFileSync(file, text);
    const { exitCode, errors } = await run('--recording', file, '--policy', 'ours');
    expect(errors.join()).toMatch(words);
    expect(exitCode).toBe(1);
  });
});

describe('what it refuses', () => {
  const usage: [argv: string[], words: RegExp][] = [
    [['--policy', 'knativ'], /--policy: "knativ" is not a policy; did you mean "knative"\?/],
    [['--policy', 'ours:targetValu=3'], /did you mean "targetValue"/],
    [['--profile', '8b-h10'], /--profile value "8b-h10" is no profile and no file; did you mean "8b-h100"\?/],
    [['--min-replicas', '5', '--max-replicas', '2'], /--min-replicas 5 is above --max-replicas 2/],
    [['--start', '5m'], /--start needs --trace/],
    [['--slo', 'ttft=5s'], /--slo value "ttft=5s" needs ttft and tpot as durations above 0/],
    [['--slo', 'ttft=5s,tpo=1s'], /--slo value "ttft=5s,tpo=1s" has "tpo=1s": expected ttft=… or tpot=…/],
    [['--cold-start', 'fast'], /--cold-start value "fast" is not a duration/],
    [['--cold-start', '80s|later'], /--cold-start value "80s\|later" has "later", which is no duration/],
    [['--cold-start', '90s~9'], /has a spread that is no number from 0 to 3/],
    [['--attainment', '99'], /--attainment is a share: write 0.99 for 99 %/],
    [['--require', 'attainment=99'], /needs an attainment from 0 to 1/],
    [['--require', 'hours=3'], /has "hours=3": expected attainment=… or gpuHours=…/],
    [['--trase', 'x'], /"--trase" is not a flag; did you mean "--trace"\?/],
    [['--trace', 'a', '--recording', 'b'], /--trace and --recording contradict each other/],
    [['--calibrate', 'a', '--policy', 'ours'], /--policy and --calibrate contradict each other/],
  ];
  it.each(usage)('%j', async (argv, words) => {
    const { exitCode, errors } = await run(...argv);
    expect(errors.join('\n')).toMatch(words);
    expect(exitCode).toBe(2);
  });

  it.each([
    ['a line that is broken', ['1,2,3', '2,x,3'], /broken\.csv:3: expected t_s.*found "2,x,3"/],
    ['stamps that run backwards', ['9,2,3', '2,1,3'], /broken\.csv:3: arrives 7\.0 s before the line above it/],
    ['a trace without a request', [], /broken\.csv: it has no request/],
    ['requests that no replica can hold', ['1,900000,3'], /none of its 1 requests fits into 8B in fp8 on one L4/],
  ])('%s', async (_name, lines, words) => {
    const { exitCode, errors } = await run('--trace', traceOf(lines, 'broken.csv'), '--policy', 'static:replicas=1');
    expect(errors.join('\n')).toMatch(words);
    expect(exitCode).toBe(1);
  });

  it('a trace that is not there, and a file that can not be written', async () => {
    const missing = await run('--trace', join(folder, 'none.csv'), '--policy', 'static');
    expect(missing.errors.join()).toMatch(/none\.csv: ENOENT/);
    const unwritable = await run('--trace', traceOf(rush), '--policy', 'static', '--csv', join(folder, 'no/where.csv'));
    expect(unwritable.errors.join()).toMatch(/could not write .*where\.csv: ENOENT/);
    expect([missing.exitCode, unwritable.exitCode]).toEqual([1, 1]);
  });
});
