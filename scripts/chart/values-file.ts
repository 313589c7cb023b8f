import { parse } from 'yaml';

/** What `# @schema` says of a key beyond its default: JSON Schema, and shorthands of ours. */
export interface SchemaNote {
  readonly type?: string | readonly string[];
  /** A Go duration such as `10s`. */
  readonly duration?: true;
  readonly port?: true;
  /** A map with keys of the user's own and values of this type. */
  readonly map?: 'string';
  /** Anything below it. */
  readonly free?: true;
  readonly [keyword: string]: unknown;
}

/** One key of `values.yaml`. */
export interface ValueKey {
  readonly path: readonly string[];
  /** One line; empty for a group. */
  readonly description: string;
  readonly note: SchemaNote;
  readonly default: unknown;
  /** A group: its keys are described one by one. */
  readonly isGroup: boolean;
}

interface OpenKey {
  readonly indent: number;
  readonly key: string;
}

/**
 * Reads the keys of `values.yaml` and the comments above them: `# -- description` and `# @schema {…}`. Throws where a
 * key has neither a description nor described keys below it.
 */
export function readValuesFile(text: string): readonly ValueKey[] {
  const values: unknown = parse(text);
  const found: Omit<ValueKey, 'isGroup'>[] = [];
  let open: OpenKey[] = [];
  let comments: string[] = [];
  for (const line of text.split('\n')) {
    const comment = /^\s*#\s?(.*)$/.exec(line);
    if (comment !== null) {
      comments.push(comment[1]!);
      continue;
    }
    const [, spaces, key] = /^( *)([A-Za-z][\w-]*):(?: |$)/.exec(line) ?? [];
    const isListItem = open.length > 0 && spaces !== undefined && spaces.length > open.at(-1)!.indent + 2;
    if (key !== undefined && !isListItem) {
      open = [...open.filter(({ indent }) => indent < spaces!.length), { indent: spaces!.length, key }];
      const path = open.map((each) => each.key);
      found.push({ path, ...described(comments), default: valueAt(values, path) });
    }
    comments = [];
  }
  return found.filter(({ path }) => !isBelowMap(path, found)).map((key) => withGroup(key, found));
}

function described(comments: readonly string[]): Pick<ValueKey, 'description' | 'note'> {
  const description = comments.find((line) => line.startsWith('-- '))?.slice(3) ?? '';
  const note = comments.find((line) => line.startsWith('@schema '))?.slice('@schema '.length) ?? '{}';
  return { description, note: JSON.parse(note) };
}

function valueAt(values: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], values);
}

/** Keys of a map's default are examples of what the user may write, and no keys of ours. */
function isBelowMap(path: readonly string[], all: readonly Pick<ValueKey, 'path' | 'note'>[]): boolean {
  return all.some(
    ({ path: above, note }) =>
      (note.map !== undefined || note.free) && above.length < path.length && above.every((key, at) => key === path[at]),
  );
}

function withGroup(key: Omit<ValueKey, 'isGroup'>, all: readonly Omit<ValueKey, 'isGroup'>[]): ValueKey {
  const isParent = all.some(
    ({ path }) => path.length === key.path.length + 1 && key.path.every((name, at) => name === path[at]),
  );
  const isGroup = isParent && key.note.map === undefined && key.note.free === undefined;
  if (!isGroup && key.description === '') throw new Error(`values.yaml: ${key.path.join('.')} has no "# --" comment`);
  return { ...key, isGroup };
}
