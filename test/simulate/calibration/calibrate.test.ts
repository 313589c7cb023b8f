import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { simulate } from '../../../src/commands/simulate.ts';
import { compareRun, replayRun, spans } from '../../../src/simulate/calibration/compare-run.ts';
import type { LoggedRequest } from '../../../src/simulate/calibration/run-log.ts';
import { readRunLog } from '../../../src/simulate/calibration/run-log.ts';
import type { EngineProfile } from '../../../src/simulate/engine/engine-profiles.ts';
import { profileNamed } from '../../../src/simulate/engine/engine-profiles.ts';
import { readProfile } from '../../../src/simulate/engine/read-profile.ts';
import { seededRandom } from '../../../src/simulate/traffic/seeded-random.ts';

const folder = mkdtempSync(join(tmpdir(), 'calibrate-'));
afterAll(() => rmSync(folder, { recursive: true }));

const start = profileNamed('8b-a100') as EngineProfile;
/** A server whose steps, prompts and cache are off from the profile, each in its own way. */
const truth = {
  ...start.shape,
  timing: {
    ...start.shape.timing,
    memoryBaseMs: start.shape.timing.memoryBaseMs * 1.4,
    computePerTokenMs: start.shape.timing.computePerTokenMs * 0.6,
    kvPerThousandTokensMs: start.shape.timing.kvPerThousandTokensMs * 2,
  },
};

function runAt(perSecond: number, seed: number): LoggedRequest[] {
  const random = seededRandom(seed);
  let atMs = 0;
  const asked = Array.from({ length: 150 }, (): LoggedRequest => {
    atMs += (-Math.log(1 - random()) / perSecond) * 1000;
    const promptTokens = 100 + Math.floor(random() * 3000);
    const outputTokens = 20 + Math.floor(random() * 300);
    return { promptTokens, outputTokens, arrivedMs: atMs, firstTokenMs: atMs, finishedMs: atMs };
  });
  return replayRun(truth, asked);
}

function fileOf(run: readonly LoggedRequest[], name: string): string {
  const path = join(folder, name);
  const lines = run.map(({ promptTokens, outputTokens, arrivedMs, firstTokenMs, finishedMs }) =>
    JSON.stringify({
      input_toks: promptTokens,
      output_toks: outputTokens,
      queued_ts: 1000 + arrivedMs / 1000,
      first_token_ts: 1000 + firstTokenMs / 1000,
      last_token_ts: 1000 + finishedMs / 1000,
    }),
  );
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

async function run(...argv: string[]) {
  const lines: string[] = [];
  const keep = (line: string) => lines.push(line);
  const exitCode = await simulate(argv, { log: keep, error: keep, progress: undefined });
  return { exitCode, text: lines.join('\n') };
}

it('finds a profile from two loads that also tells a third one', async () => {
  const output = join(folder, 'profile.json');
  const files = [fileOf(runAt(0.5, 1), 'light.jsonl'), fileOf(runAt(4, 2), 'heavy.jsonl')];
  const calibrated = await run(
    ...files.flatMap((file) => ['--calibrate', file]),
    '--profile',
    '8b-a100',
    '--output',
    output,
  );
  expect(calibrated.exitCode).toBe(0);
  expect(calibrated.text).toMatch(/time to first token +mean [+−]\d/);
  const profile = readProfile(readFileSync(output, 'utf8'));
  if (!profile.ok) throw new Error(profile.faults.join());
  const third = runAt(2.5, 3);
  const [before, after] = [start.shape, profile.value.shape].map((shape) => compareRun(shape, third));
  for (const span of spans) {
    expect(Math.abs(after![span].mean), span).toBeLessThan(0.05);
    expect(Math.abs(before![span].mean), span).toBeGreaterThan(0.05);
  }
  // And the file is a profile for a replay.
  expect((await run('--profile', output, '--policy', 'static:replicas=1', '--duration', '1m')).exitCode).toBe(0);
});

it('reads a log whatever the order of its lines, from its first arrival on', async () => {
  const ran = runAt(2, 5);
  const read = await readRunLog(fileOf([...ran].reverse(), 'reversed.jsonl'));
  expect(read[0]!.arrivedMs).toBe(0);
  expect(read.map((one) => one.promptTokens)).toEqual(ran.map((one) => one.promptTokens));
});

const good = '{"input_toks":1,"output_toks":2,"queued_ts":1,"first_token_ts":2,"last_token_ts":3}';
it.each([
  ['a line that is no JSON', `${good}\nx`, /:2: expected one JSON object a line.*found "x"/],
  ['a line without a time', '{"input_toks":1,"output_toks":2,"queued_ts":1,"first_token_ts":2}', /:1: expected/],
  ['a token before the arrival', good.replace('"first_token_ts":2', '"first_token_ts":0.5'), /:1: expected/],
  ['an empty file', '', /found no line/],
])('says where a log has %s', async (_name, text, words) => {
  const path = join(folder, 'broken.jsonl');
  writeFileSync(path, text);
  const { exitCode, text: said } = await run('--calibrate', path);
  expect(said).toMatch(words);
  expect(exitCode).toBe(1);
});

it('says what is wrong with a file that is no profile', async () => {
  const path = join(folder, 'none.json');
  writeFileSync(path, JSON.stringify({ ...start, gpus: 0, shape: { ...start.shape, timing: {} } }));
  const { exitCode, text } = await run('--profile', path, '--policy', 'static');
  expect(text).toMatch(/none\.json" has no number above 0 at shape\.timing\.memoryBaseMs/);
  expect(text).toMatch(/has no number above 0 at gpus/);
  expect(exitCode).toBe(1);
});
