export const TAB = 9;
export const NEWLINE = 10;
export const RETURN = 13;
export const SPACE = 32;
export const QUOTE = 34;
export const HASH = 35;
export const COMMA = 44;
export const LESS_THAN = 60;
export const EQUALS = 61;
export const OPEN_BRACKET = 91;
export const BACKSLASH = 92;
export const OPEN_BRACE = 123;
export const CLOSE_BRACE = 125;

/** Bits of a name class: `nameClassOf` is below `1 << nameClassBits`. */
export const nameClassBits = 6;
const COLON = 58;
const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const nameBytes = `${letters}0123456789_`;

/** 0 for a byte that no unquoted metric name holds, else 1 to 63. `:` and `_` are one class, for they are equal in names. */
export const nameClassOf: Uint8Array = tableOf((table) => {
  for (let index = 0; index < nameBytes.length; index++) table[nameBytes.charCodeAt(index)] = index + 1;
  table[COLON] = nameBytes.length;
});

export const LINE_ILLEGAL = 0;
export const LINE_NAME = 1;
export const LINE_QUOTED_NAME = 2;
export const LINE_COMMENT = 3;
export const LINE_BLANK = 4;

/** What a line is that begins with this byte. */
export const lineKindOf: Uint8Array = tableOf((table) => {
  mark(table, `${letters}_:`, LINE_NAME);
  mark(table, '{', LINE_QUOTED_NAME);
  mark(table, '#', LINE_COMMENT);
  mark(table, ' \t\r\n', LINE_BLANK);
});

/** 1 for each byte that may end a sample line: every number ends in a digit, a dot, `Inf`, `NaN` or `Infinity`. */
export const endsSampleLine: Uint8Array = tableOf((table) => mark(table, '0123456789.fFnNyY \t\r', 1));

/** 1 for each byte that a label name may hold after its first one. */
export const labelNameByte: Uint8Array = tableOf((table) => mark(table, nameBytes, 1));

export function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB;
}

export function isDigit(byte: number): boolean {
  return byte >= 48 && byte <= 57;
}

function tableOf(fill: (table: Uint8Array) => void): Uint8Array {
  const table = new Uint8Array(256);
  fill(table);
  return table;
}

function mark(table: Uint8Array, characters: string, value: number): void {
  for (const character of characters) table[character.charCodeAt(0)] = value;
}
