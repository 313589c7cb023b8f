import type { Document, Node } from 'yaml';
import { isAlias, isMap, isScalar, isSeq, parseDocument } from 'yaml';
import type { Finding } from './finding.ts';
import type { Entry, ListNode, MapNode, ScalarNode, SourceNode, Span } from './source-node.ts';

/** Largest file that is read, in characters: more than any rendered chart with custom resource definitions. */
export const maxFileLength = 16 * 1024 * 1024;
/** Largest document with a ScaledObject; etcd takes 1.5 MiB. */
const maxDocumentLength = 1024 * 1024;
/** Values of one document, aliases written out: a hundred times a large ScaledObject. */
const maxValues = 20_000;
const maxDepth = 64;

/** What was read from one file. */
export interface Manifest {
  /** The root of each document, or of each item of a `List`, that names the kind that was asked for. */
  readonly objects: readonly MapNode[];
  /** Documents of other kinds, which nobody looked into. */
  readonly passedOver: number;
  readonly faults: readonly Finding[];
}

/** Markdown with everything but its fenced YAML blanked out, each block a document; places stay as they are. */
export function yamlInMarkdown(text: string): string {
  let isInside = false;
  return text
    .split('\n')
    .map((line) => {
      const fence = /^\s*```\s*(\w*)/.exec(line);
      if (fence === null) return isInside ? line : ' '.repeat(line.length);
      isInside = !isInside && /^ya?ml$/.test(fence[1]!);
      return '---'.padEnd(line.length);
    })
    .join('\n');
}

/**
 * Reads the objects of one kind from YAML or JSON of several documents. Documents that do not contain the kind's name
 * are passed over unread, so that templates and other people's manifests cost and break nothing. Never throws.
 */
export function readManifest(text: string, kind: string): Manifest {
  if (text.length > maxFileLength) {
    const words = `expected a manifest of at most ${maxFileLength} characters, found ${text.length}: name the file with the ScaledObject`;
    return { objects: [], passedOver: 0, faults: [broken({ start: 0, end: 0 }, words)] };
  }
  const objects: MapNode[] = [];
  const faults: Finding[] = [];
  let passedOver = 0;
  for (const chunk of documentsOf(text)) {
    const body = text.slice(chunk.start, chunk.end);
    if (!body.includes(kind)) {
      if (body.trim() !== '') passedOver += 1;
      continue;
    }
    const read = readDocument(body, chunk.start);
    faults.push(...read.faults);
    const found = read.root === undefined ? [] : objectsOf(read.root, kind);
    objects.push(...found);
    if (found.length === 0 && read.faults.length === 0) passedOver += 1;
  }
  return { objects, passedOver, faults };
}

/** A line that begins with `---` ends a document wherever it stands, so documents can be told apart unread. */
function documentsOf(text: string): Span[] {
  const spans: Span[] = [];
  let start = 0;
  for (const { index } of text.matchAll(/^---(?=\s|$)/gm)) {
    if (index > start) spans.push({ start, end: index });
    start = index;
  }
  return [...spans, { start, end: text.length }];
}

interface ReadDocument {
  readonly root: SourceNode | undefined;
  readonly faults: readonly Finding[];
}

function readDocument(body: string, offset: number): ReadDocument {
  if (body.length > maxDocumentLength) {
    const words = `expected a document of at most ${maxDocumentLength} characters, found ${body.length}`;
    return { root: undefined, faults: [broken({ start: offset, end: offset }, words)] };
  }
  const document = parseDocument(body, { prettyErrors: false, logLevel: 'silent' });
  const faults = document.errors.slice(0, 10).map(({ message, pos: [start, end] }) => {
    return broken({ start: offset + start, end: offset + Math.max(end, start) }, `broken YAML: ${oneLine(message)}`);
  });
  if (faults.length > 0) return { root: undefined, faults };
  const counted = { left: maxValues };
  const root = document.contents === null ? undefined : nodeOf(document.contents, { document, offset, counted }, 0);
  if (counted.left >= 0) return { root, faults };
  const words = `expected at most ${maxValues} values in one document, aliases written out, found more`;
  return { root: undefined, faults: [broken({ start: offset, end: offset }, words)] };
}

interface Reading {
  readonly document: Document.Parsed;
  readonly offset: number;
  /** Shared by all branches, so that aliases of aliases end soon. */
  readonly counted: { left: number };
}

function nodeOf(node: Node, reading: Reading, depth: number): SourceNode {
  const span = spanOf(node, reading.offset);
  reading.counted.left -= 1;
  if (reading.counted.left < 0 || depth > maxDepth) return { kind: 'scalar', span, value: null };
  if (isAlias(node)) {
    const meant = node.resolve(reading.document);
    // Where an alias stands is where a reader looks, so its place counts and not its anchor's.
    return meant === undefined ? nothingAt(span) : { ...nodeOf(meant, reading, depth + 1), span };
  }
  if (isMap(node)) return mapOf(node.items as Pair[], span, { reading, depth });
  if (isSeq(node)) {
    const items = node.items.map((item) => nodeOf(item as Node, reading, depth + 1));
    return { kind: 'list', span, items } satisfies ListNode;
  }
  return isScalar(node) ? scalarOf(node.value, span) : nothingAt(span);
}

interface Pair {
  readonly key: Node;
  readonly value: Node | null;
}

interface Place {
  readonly reading: Reading;
  readonly depth: number;
}

function mapOf(items: readonly Pair[], span: Span, { reading, depth }: Place): MapNode {
  const entries = new Map<string, Entry>();
  const merged: MapNode[] = [];
  for (const { key, value } of items) {
    const keySpan = spanOf(key, reading.offset);
    const read = value === null ? nothingAt(keySpan) : nodeOf(value, reading, depth + 1);
    const name = isScalar(key) ? String(key.value) : '';
    if (name === '<<' && read.kind === 'map') merged.push(read);
    else entries.set(name, { key: keySpan, value: read });
  }
  for (const { entries: more } of merged) {
    for (const [name, entry] of more) if (!entries.has(name)) entries.set(name, entry);
  }
  return { kind: 'map', span, entries };
}

function scalarOf(value: unknown, span: Span): ScalarNode {
  const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return { kind: 'scalar', span, value: isPlain ? value : null };
}

function nothingAt(span: Span): ScalarNode {
  return { kind: 'scalar', span, value: null };
}

function spanOf(node: Node, offset: number): Span {
  const [start, end] = node.range ?? [0, 0];
  return { start: offset + start, end: offset + end };
}

function objectsOf(root: SourceNode, kind: string): MapNode[] {
  if (root.kind !== 'map') return [];
  const named = root.entries.get('kind')?.value;
  if (named?.kind !== 'scalar') return [];
  if (named.value === kind) return [root];
  const items = root.entries.get('items')?.value;
  return named.value === 'List' && items?.kind === 'list' ? items.items.flatMap((item) => objectsOf(item, kind)) : [];
}

function broken(span: Span, words: string): Finding {
  return {
    rule: 'yaml',
    severity: 'error',
    object: '',
    key: '',
    span,
    words,
    why: undefined,
    mend: undefined,
    edits: [],
  };
}

function oneLine(message: string): string {
  return message.replaceAll(/\s+/g, ' ').trim();
}
