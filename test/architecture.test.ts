import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { expect, it } from 'vitest';

/** Rooms that name no clock, chance or I/O: time arrives as an argument. */
const pureRooms = [
  'keda',
  'hold-queue',
  'exposition',
  'presets',
  'gpu',
  'config',
  'aggregation',
  'decision',
  'check',
  'triggers',
  'probe',
];

/**
 * What a room may import besides itself, and imports. `type:` permits `import type` only, `npm:` a package, `node:` any
 * built-in. A room stands below all that it imports.
 */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  time: [],
  keda: [],
  'hold-queue': [],
  exposition: [],
  presets: ['exposition'],
  gpu: ['type:exposition'],
  config: ['presets', 'npm:zod'],
  aggregation: ['presets', 'type:gpu', 'type:config'],
  decision: ['keda', 'type:config', 'type:aggregation'],
  check: ['keda', 'config', 'npm:yaml'],
  discovery: ['type:keda', 'time', 'node:', 'npm:@kubernetes/client-node', 'npm:undici'],
  scrape: ['type:time', 'type:config', 'node:', 'npm:axios'],
  activator: ['hold-queue', 'config', 'type:discovery', 'node:', 'npm:undici'],
  triggers: ['type:time', 'keda', 'presets', 'type:gpu', 'config', 'aggregation', 'decision', 'type:discovery'],
  readings: [
    'time',
    'exposition',
    'presets',
    'gpu',
    'config',
    'type:aggregation',
    'type:discovery',
    'scrape',
    'type:triggers',
    'node:',
  ],
  grpc: ['time', 'triggers', 'node:', 'npm:@grpc/grpc-js', 'npm:@grpc/proto-loader', 'npm:@grpc/reflection'],
  admin: ['time', 'node:'],
  'status-page': ['keda', 'config', 'type:triggers', 'admin', 'node:'],
  telemetry: [
    'type:activator',
    'type:discovery',
    'type:scrape',
    'type:triggers',
    'type:grpc',
    'npm:pino',
    'npm:prom-client',
  ],
  simulate: ['time', 'keda', 'config', 'node:', 'npm:@grpc/grpc-js', 'npm:@grpc/proto-loader'],
  service: [
    'activator',
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
  probe: ['exposition', 'presets', 'gpu', 'type:config', 'aggregation'],
  replay: [
    'type:time',
    'keda',
    'config',
    'type:aggregation',
    'type:discovery',
    'presets',
    'triggers',
    'simulate',
    'node:',
  ],
  demo: ['type:time', 'type:keda', 'config', 'discovery', 'grpc', 'simulate', 'type:service'],
  commands: [
    'time',
    'presets',
    'config',
    'check',
    'scrape',
    'telemetry',
    'simulate',
    'replay',
    'service',
    'probe',
    'demo',
    'node:',
  ],
  'main.ts': ['commands'],
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

interface Import {
  readonly specifier: string;
  readonly isType: boolean;
}

function importsIn(code: string): Import[] {
  return [...code.matchAll(importStatement)].map(([, type, from, bare]) => ({
    specifier: (from ?? bare)!,
    isType: type !== undefined,
  }));
}

function roomOrPackage(specifier: string, file: string): string {
  if (specifier.startsWith('node:')) return 'node:';
  if (specifier.startsWith('.')) return roomOf(join(dirname(file), specifier));
  return `npm:${specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')}`;
}

/** What a file needs of other rooms, packages and Node, `type:` where a type is enough. */
function needsOf(file: string, code: string): string[] {
  const needs = importsIn(code).map(
    ({ specifier, isType }) => `${isType ? 'type:' : ''}${roomOrPackage(specifier, file)}`,
  );
  return needs.filter((need) => bare(need) !== roomOf(file));
}

const bare = (need: string): string => need.replace('type:', '');

function forbidden(file: string, code: string): string[] {
  const allowed = mayImport[roomOf(file)] ?? [];
  return needsOf(file, code).filter((need) => !allowed.includes(need) && !allowed.includes(bare(need)));
}

/** The first circle of imports that a walk from `file` meets, types included. */
function circleFrom(
  file: string,
  imports: ReadonlyMap<string, readonly string[]>,
  way: readonly string[],
  done: Set<string>,
): string[] {
  if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
  if (done.has(file)) return [];
  for (const next of imports.get(file) ?? []) {
    const circle = circleFrom(next, imports, [...way, file], done);
    if (circle.length > 0) {
      done.add(file);
      return circle;
    }
  }
  done.add(file);
  return [];
}

const paths = readdirSync('src', { recursive: true, encoding: 'utf8' });
const files = paths.filter((path) => path.endsWith('.ts')).map((path) => join('src', path));
const code = new Map(files.map((file) => [file, codeOf(file)]));

it('has a row for every room, and a room for every row', () => {
  expect(files.length).toBeGreaterThan(300);
  expect(Object.keys(mayImport).toSorted()).toEqual([...new Set(files.map(roomOf))].toSorted());
  expect(pureRooms.filter((room) => !existsSync(join('src', room)))).toEqual([]);
});

it('has a line in the README for every room', () => {
  const named = [...readFileSync('README.md', 'utf8').matchAll(/`src\/([a-z-]+)`/g)].map(([, room]) => room!);
  expect([...new Set(named)].toSorted()).toEqual(
    Object.keys(mayImport)
      .filter((room) => room !== 'main.ts')
      .toSorted(),
  );
});

it('lists every room below the rooms it imports, so there is no cycle', () => {
  const rooms = Object.keys(mayImport);
  const rowOf = (target: string) => rooms.indexOf(bare(target));
  expect(rooms.filter((room, row) => mayImport[room]!.some((target) => rowOf(target) >= row))).toEqual([]);
});

it('lets no room import what its row does not name', () => {
  expect(files.flatMap((file) => forbidden(file, code.get(file)!).map((need) => `${file}: ${need}`))).toEqual([]);
});

it('gives no room a permission that it does not use, nor a value where a type is enough', () => {
  const used = new Set(
    files.flatMap((file) => needsOf(file, code.get(file)!).map((need) => `${roomOf(file)} ${need}`)),
  );
  const rows = Object.entries(mayImport).flatMap(([room, allowed]) => allowed.map((need) => `${room} ${need}`));
  expect(rows.length).toBeGreaterThan(50);
  expect(rows.filter((row) => !used.has(row))).toEqual([]);
});

it('has no circle of files, not even of types', () => {
  const imports = new Map(
    files.map((file) => {
      const own = importsIn(code.get(file)!).filter(({ specifier }) => specifier.startsWith('.'));
      return [file, own.map(({ specifier }) => join(dirname(file), specifier))] as const;
    }),
  );
  const done = new Set<string>();
  expect(files.map((file) => circleFrom(file, imports, [], done)).filter((circle) => circle.length > 0)).toEqual([]);
});

it('finds a circle where there is one', () => {
  const imports = new Map([
    ['a', ['b', 'c']],
    ['b', []],
    ['c', ['d']],
    ['d', ['a']],
  ]);
  expect(circleFrom('a', imports, [], new Set())).toEqual(['a', 'c', 'd', 'a']);
});

it('lets nothing ambient into a room that is pure', () => {
  const pure = files.filter((file) => pureRooms.includes(roomOf(file)));
  expect(pure.length).toBeGreaterThan(100);
  expect(pure.filter((file) => ambient.test(code.get(file)!))).toEqual([]);
});

it.each([
  ['decision', "import '../scrape/next-due.ts';"],
  ['exposition', "export * from '../presets/preset.ts';"],
  ['triggers', "import { type Endpoint } from '../discovery/endpoint.ts';"],
  ['scrape', "import type { Endpoint } from '../discovery/endpoint.ts';"],
  ['admin', "import { Counter } from 'prom-client';"],
  ['commands', "const later = () => import('../main.ts');"],
])('would refuse in %s: %s', (room, line) => expect(forbidden(join('src', room, 'x.ts'), line)).toHaveLength(1));

it.each(['Date.now()', 'setTimeout(f)', 'process.env'])('would refuse %s', (line) => expect(line).toMatch(ambient));
