import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, it } from 'vitest';
import type { TraceRequest, TraceWindow } from '../../../src/simulate/traffic/trace.ts';
import { readTrace, readTraceBatches } from '../../../src/simulate/traffic/trace.ts';
import { TraceError } from '../../../src/simulate/traffic/trace-lines.ts';
import { allOf } from './all-of.ts';

const folder = mkdtempSync(join(tmpdir(), 'trace-'));
afterAll(() => rmSync(folder, { recursive: true }));

const whole: TraceWindow = { startMs: 0, durationMs: Number.POSITIVE_INFINITY, speed: 1 };
const azure = 'TIMESTAMP,ContextTokens,GeneratedTokens';
const plain = 't_s,input_tokens,output_tokens';
const burst6 = 'Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type';
const burst8 = 'Timestamp,Session ID,Elapsed time,Model,Request tokens,Response tokens,Total tokens,Log Type';
let files = 0;

async function read(text: string | Buffer, window: Partial<TraceWindow> = {}, name = 'x.csv'): Promise<TraceRequest[]> {
  files += 1;
  const path = join(folder, `${files}-${name}`);
  writeFileSync(path, text);
  const requests: TraceRequest[] = [];
  for await (const request of readTrace(path, { ...whole, ...window })) requests.push(request);
  return requests;
}

it('counts an Azure trace from its first request, to the tenth of a microsecond and across midnight', async () => {
  const lines = [azure, '2023-11-16 23:59:59.5000000,374,44', '2023-11-17 00:00:01.2500005,396,109'];
  expect(await read(lines.join('\r\n'))).toEqual([
    { atMs: 0, promptTokens: 374, outputTokens: 44 },
    { atMs: expect.closeTo(1750.0005, 3), promptTokens: 396, outputTokens: 109 },
  ]);
});

it('counts plain seconds from their zero', async () => {
  expect(await read(`${plain}\n0.085,96,5\n12,1,1\n`)).toEqual([
    { atMs: 85, promptTokens: 96, outputTokens: 5 },
    { atMs: 12_000, promptTokens: 1, outputTokens: 1 },
  ]);
});

it('reads clients and packed files', async () => {
  const packed = gzipSync(`${plain},client\n1,2,3,148\n`);
  expect(await read(packed, {}, 'x.csv.gz')).toEqual([{ atMs: 1000, promptTokens: 2, outputTokens: 3 }]);
});

it('keeps to the window: the start belongs to it, the end does not', async () => {
  const text = `${plain}\n${[9, 10, 11, 19.999, 20].map((second) => `${second},1,1`).join('\n')}\n`;
  const requests = await read(text, { startMs: 10_000, durationMs: 10_000, speed: 2 });
  expect(requests.map((request) => request.atMs)).toEqual([0, 500, expect.closeTo(4999.5)]);
});

const broken: [name: string, text: string, message: RegExp][] = [
  ['an empty file', '', /the file is empty/],
  ['another heading', 'a,b,c\n1,2,3\n', /:1: expected the heading TIMESTAMP.*JSON lines.*found "a,b,c"/],
  [
    'a JSON line without lengths',
    '{"timestamp": 0, "input_length": 3}\n',
    /:1: expected one JSON object.*output_length/,
  ],
  [
    'a JSON line that is none',
    '{"timestamp":0,"input_length":1,"output_length":1}\n{"time',
    /:2: expected one JSON object/,
  ],
  ['a BurstGPT line with a field too few', `${burst6}\n5,ChatGPT,472,18,490\n`, /:2: expected 6 fields/],
  ['a missing field', `${plain}\n1,2,3\n2,3\n`, /:3: expected t_s.*found "2,3"/],
  ['a field too many', `${plain}\n1,2,3,4\n`, /:2: /],
  ['an empty count', `${plain}\n1,,3\n`, /:2: /],
  ['no tokens out', `${plain}\n1,2,0\n`, /:2: .*at least 1/],
  ['a negative count', `${plain}\n1,-2,3\n`, /:2: /],
  ['no number for a time', `${plain}\nNaN,2,3\n`, /:2: /],
  ['another form of time', `${azure}\n2023-11-16T18:15:46Z,1,1\n`, /:2: /],
  ['time that runs backwards', `${plain}\n2.5,1,1\n1,1,1\n`, /:3: arrives 1\.5 s before the line above/],
  ['a count with a sign', `${plain}\n1,+2,3\n`, /:2: /],
];
it.each(broken)('says where it met %s', async (_name, text, message) => {
  const failure = await read(text).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(TraceError);
  expect((failure as TraceError).message).toMatch(message);
});

it('says so when a packed file is cut', async () => {
  const lines = Array.from({ length: 5000 }, (_, index) => `${index},${((index * 7919) % 1000) + 1},1`);
  const packed = gzipSync(`${plain}\n${lines.join('\n')}\n`);
  await expect(read(packed.subarray(0, packed.length / 2), {}, 'x.csv.gz')).rejects.toThrow(TraceError);
});

it.each(['none.csv', 'none.csv.gz'])('says so when there is no file %s', async (name) => {
  const missing = readTrace(join(folder, name), whole);
  await expect(missing.next()).rejects.toThrow(`${name}: ENOENT`);
});

it('does not read past its window', async () => {
  expect(await read(`${plain}\n1,1,1\n5,1,1\nbroken\n`, { durationMs: 5000 })).toHaveLength(1);
});

it('takes the two forms of an Azure stamp for the same', async () => {
  const requests = await read(
    [azure, '2024-05-10 00:00:00.009930+00:00,2162,5', '2024-05-10 00:00:01.009930+00:00,3,4'].join('\n'),
  );
  expect(requests).toEqual([
    { atMs: 0, promptTokens: 2162, outputTokens: 5 },
    { atMs: 1000, promptTokens: 3, outputTokens: 4 },
  ]);
});

it.each([
  ['six', burst6, '5,ChatGPT,472,18,490,Conversation log', '45,ChatGPT,1087,0,1087,API log'],
  ['eight', burst8, '5,7,1.5,ChatGPT,472,18,490,Conversation log', '45,,0,ChatGPT,1087,0,1087,API log'],
])('reads BurstGPT with %s columns, and leaves out what was not answered', async (_name, heading, good, failed) => {
  const gaps = { skipped: 0 };
  const path = join(folder, `burst-${heading.length}.csv`);
  writeFileSync(path, `${heading}\n${good}\n${failed}\n`);
  const requests = await allOf(readTraceBatches(path, whole, gaps));
  expect(requests).toEqual([{ atMs: 5000, promptTokens: 472, outputTokens: 18 }]);
  expect(gaps.skipped).toBe(1);
});

it('reads the milliseconds of Mooncake and the seconds of Qwen', async () => {
  const mooncake = '{"timestamp": 3000, "input_length": 6758, "output_length": 500, "hash_ids": [0, 1]}';
  const qwen =
    '{"chat_id": 1, "parent_chat_id": -1, "timestamp": 61.5, "input_length": 10, "output_length": 20, "turn": 1}';
  expect(await read(`${mooncake}\n`)).toEqual([{ atMs: 3000, promptTokens: 6758, outputTokens: 500 }]);
  expect(await read(`${qwen}\n`)).toEqual([{ atMs: 61_500, promptTokens: 10, outputTokens: 20 }]);
});

it('takes stamps up to a second out of order for the one above', async () => {
  const requests = await read(`${plain}\n2,1,1\n1.2,5,5\n2.1,1,1\n`);
  expect(requests.map((request) => request.atMs)).toEqual([2000, 2000, 2100]);
});

it('reads a last line without an end, and lines that are cut by the pieces of the file', async () => {
  const lines = Array.from({ length: 30_000 }, (_, index) => `${index},${(index % 900) + 1},7`);
  const requests = await read(`${plain}\n${lines.join('\n')}`);
  expect(requests).toHaveLength(30_000);
  expect(requests.every(({ atMs, promptTokens }) => promptTokens === ((atMs / 1000) % 900) + 1)).toBe(true);
});

it('refuses a line without an end, as long as it is', async () => {
  const failure = await read(`${plain}\n${'1'.repeat(1_200_000)}`).catch((error: unknown) => error);
  expect((failure as TraceError).message).toMatch(/a line is longer than/);
});
