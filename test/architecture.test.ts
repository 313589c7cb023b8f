import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { expect, it } from 'vitest';

const pureRooms = ['keda', 'hold-queue', 'exposition', 'presets', 'gpu', 'config', 'aggregation', 'decision'];
const outsideRooms = [
  'time',
  'discovery',
  'scrape',
  'readings',
  'grpc',
  'activator',
  'admin',
  'status-page',
  'telemetry',
  'simulate',
  'service',
];

/** What a room may import besides itself. `type:` permits `import type` only, `npm:` a package, `node:` any built-in. */
const mayImport: Record<string, readonly string[]> = {
  time: [],
  keda: [],
  'hold-queue': [],
  exposition: [],
  presets: ['exposition'],
  gpu: ['exposition'],
  config: ['presets', 'npm:zod'],
  aggregation: ['presets', 'gpu', 'config'],
  decision: ['keda', 'presets', 'gpu', 'config', 'aggregation'],
  check: ['keda', 'config', 'npm:yaml'],
  discovery: ['type:time', 'config', 'node:', 'npm:undici', 'npm:@kubernetes/client-node'],
  scrape: ['type:time', 'config', 'node:', 'npm:undici', 'npm:axios'],
  activator: ['hold-queue', 'config', 'type:discovery', 'node:', 'npm:undici'],
  triggers: [...pureRooms, 'type:time', 'type:discovery', 'type:scrape'],
  readings: [...pureRooms, 'time', 'type:discovery', 'scrape', 'triggers', 'node:'],
  grpc: [
    'config',
    'decision',
    'triggers',
    'node:',
    'npm:@grpc/grpc-js',
    'npm:@grpc/proto-loader',
    'npm:@grpc/reflection',
  ],
  admin: ['node:'],
  'status-page': ['keda', 'config', 'decision', 'type:triggers', 'admin', 'node:'],
  telemetry: ['type:discovery', 'type:scrape', 'type:triggers', 'type:grpc', 'node:', 'npm:prom-client', 'npm:pino'],
  simulate: ['time', 'keda', 'config', 'decision', 'node:', 'npm:@grpc/grpc-js', 'npm:@grpc/proto-loader'],
  service: [
    'time',
    'config',
    'discovery',
    'scrape',
    'triggers',
    'readings',
    'grpc',
    'admin',
    'status-page',
    'telemetry',
    'node:',
  ],
  commands: [...pureRooms, 'check', ...outsideRooms, 'triggers', 'node:'],
  'main.ts': ['commands', 'node:'],
};

/** Time, chance and I/O that need no import. */
const ambient =
  /\b(Date\.now|new Date\(\)|performance\.|Math\.random|crypto\.|set(Timeout|Interval|Immediate)\b|fetch\(|process\.|console\.|globalThis|import\()/;
const importStatement =
  /\b(?:import|export)\b(\s+type\b)?[^'"`;]*?\bfrom\s*['"]([^'"]+)|\bimport\s*\(?\s*['"]([^'"]+)/g;

/** `src/scrape/next-due.ts` is in `scrape`, `src/main.ts` in `main.ts`. */
const roomOf = (path: string): string => relative('src', path).split(sep)[0]!;
/** A file without its comments, which may name what code may not. */
const codeOf = (file: string): string =>
  readFileSync(file, 'utf8').replace(/^\s*\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '');

function targetOf(specifier: string, file: string): string {
  if (specifier.startsWith('node:')) return 'node:';
  if (specifier.startsWith('.')) return roomOf(join(dirname(file), specifier));
  return `npm:${specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')}`;
}

function forbidden(file: string, code: string): string[] {
  const allowed = [roomOf(file), ...(mayImport[roomOf(file)] ?? [])];
  return [...code.matchAll(importStatement)]
    .map(([, type, from, bare]) => `${type ? 'type:' : ''}${targetOf((from ?? bare)!, file)}`)
    .filter((target) => !allowed.includes(target) && !allowed.includes(target.replace('type:', '')));
}

const paths = readdirSync('src', { recursive: true, encoding: 'utf8' });
const files = paths.filter((path) => path.endsWith('.ts')).map((path) => join('src', path));

it('has a row for every room', () => {
  expect(files.length).toBeGreaterThan(5);
  expect(Object.keys(mayImport)).toEqual(expect.arrayContaining(files.map(roomOf)));
});

it('lists every room below the rooms it imports, so there is no cycle', () => {
  const rooms = Object.keys(mayImport);
  const rowOf = (target: string) => rooms.indexOf(target.replace('type:', ''));
  expect(rooms.filter((room, row) => mayImport[room]!.some((target) => rowOf(target) >= row))).toEqual([]);
});

it.each([
  ['decision', "import '../scrape/next-due.ts';"],
  ['exposition', "export * from '../presets/preset.ts';"],
  ['triggers', "import { type Endpoint } from '../discovery/endpoint.ts';"],
  ['scrape', "import type { Endpoint } from '../discovery/endpoint.ts';"],
  ['admin', "import { Counter } from 'prom-client';"],
  ['commands', "const later = () => import('../main.ts');"],
])('would refuse in %s: %s', (room, code) => expect(forbidden(join('src', room, 'x.ts'), code)).toHaveLength(1));

it.each(['Date.now()', 'setTimeout(f)', 'process.env'])('would refuse %s', (code) => expect(code).toMatch(ambient));

it.each(files)('%s imports only what its room may', (file) => expect(forbidden(file, codeOf(file))).toEqual([]));

it.each(files.filter((file) => [...pureRooms, 'check', 'triggers'].includes(roomOf(file))))(
  '%s touches nothing ambient',
  (file) => expect(codeOf(file)).not.toMatch(ambient),
);
