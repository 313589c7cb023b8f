/** What a request to a model server says of itself in the outermost object of its body. */
export interface JsonHead {
  /** `undefined`: not seen. */
  readonly model: string | undefined;
  readonly stream: boolean | undefined;
}

/** Depth of nesting and length of a name beyond which nobody looks. */
const deepest = 64;
const longestName = 512;

const quote = 0x22;
const backslash = 0x5c;

/**
 * Looks for `model` and `stream` in the beginning of a JSON object, which may be cut anywhere. Only the outermost
 * object's own keys count, the first of each. Never throws; text that is no JSON gives nothing.
 */
export function readJsonHead(bytes: Uint8Array): JsonHead {
  const found: { model: string | undefined; stream: boolean | undefined } = { model: undefined, stream: undefined };
  let at = skipBlank(bytes, bytes[0] === 0xef ? 3 : 0);
  if (bytes[at] !== 0x7b) return found;
  at++;
  for (;;) {
    at = skipBlank(bytes, at);
    if (bytes[at] !== quote) return found;
    const keyEnd = stringEnd(bytes, at);
    if (keyEnd === undefined) return found;
    const key = stringAt(bytes, at, keyEnd);
    at = skipBlank(bytes, keyEnd);
    if (bytes[at] !== 0x3a) return found;
    at = skipBlank(bytes, at + 1);
    const valueEnd = endOfValue(bytes, at);
    if (valueEnd === undefined) return found;
    if (key === 'model' && bytes[at] === quote) found.model ??= stringAt(bytes, at, valueEnd);
    if (key === 'stream') found.stream ??= bytes[at] === 0x74;
    if (found.model !== undefined && found.stream !== undefined) return found;
    at = skipBlank(bytes, valueEnd);
    if (bytes[at] !== 0x2c) return found;
    at++;
  }
}

function skipBlank(bytes: Uint8Array, from: number): number {
  let at = from;
  while (bytes[at] === 0x20 || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09) at++;
  return at;
}

/** Where the string that opens at `from` is over, or `undefined` where the text ends before. */
function stringEnd(bytes: Uint8Array, from: number): number | undefined {
  for (let at = from + 1; at < bytes.length; at++) {
    if (bytes[at] === backslash) at++;
    else if (bytes[at] === quote) return at + 1;
  }
  return undefined;
}

function stringAt(bytes: Uint8Array, from: number, end: number): string | undefined {
  if (end - from > longestName) return undefined;
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes.subarray(from, end)));
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Where a value of any kind is over; `undefined` where the text ends first, or it nests too deep. */
function endOfValue(bytes: Uint8Array, from: number): number | undefined {
  let depth = 0;
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === quote) {
      const end = stringEnd(bytes, at);
      if (end === undefined) return undefined;
      if (depth === 0) return end;
      at = end - 1;
    } else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > deepest) return undefined;
    } else if (byte === 0x7d || byte === 0x5d) {
      if (depth === 0) return at;
      if (--depth === 0) return at + 1;
    } else if (byte === 0x2c && depth === 0) return at;
  }
  return undefined;
}
