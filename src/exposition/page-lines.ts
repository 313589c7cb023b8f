import {
  endsSampleLine,
  isBlank,
  LINE_BLANK,
  LINE_COMMENT,
  LINE_ILLEGAL,
  LINE_NAME,
  lineKindOf,
  nameClassBits,
  nameClassOf,
  RETURN,
  SPACE,
} from './bytes.ts';
import type { LabelLimits } from './label-set.ts';
import { escapeUnprintable, LineCursor } from './line-cursor.ts';
import type { MetricType, PageOutcome, Sample } from './page.ts';
import { canonicalName } from './page.ts';
import { readSample } from './sample-line.ts';
import { readKeyword, readType } from './type-line.ts';
import type { WantedNames } from './wanted-names.ts';

const LETTER_H = 72;
const LETTER_T = 84;
/** Where the name stands in `# TYPE name type`, as nearly every writer prints it. */
const typeNameAt = 7;

export interface LineLimits extends LabelLimits {
  readonly maxLineBytes: number;
  readonly maxSamples: number;
}

/** What the lines of one text page add up to. A line goes in as bytes; only what is wanted becomes objects. */
export class PageLines {
  lineNumber = 0;
  /** True once `# EOF` was met, where that ends a page. */
  ended = false;
  failure: (PageOutcome & { readonly ok: false }) | undefined;
  readonly #wanted: WantedNames;
  readonly #limits: LineLimits;
  readonly #openMetrics: boolean;
  readonly #cursor = new LineCursor();
  readonly #samples: Sample[] = [];
  readonly #declared = new Map<string, MetricType>();
  readonly #printedFamilies = new Set<string>();
  #sampleLines = 0;

  constructor(wanted: WantedNames, limits: LineLimits, openMetrics: boolean) {
    this.#wanted = wanted;
    this.#limits = limits;
    this.#openMetrics = openMetrics;
  }

  outcome(): PageOutcome {
    if (this.failure !== undefined) return this.failure;
    return {
      ok: true,
      page: {
        format: this.#openMetrics ? 'openmetrics' : 'text',
        samples: this.#samples,
        declared: this.#declared,
        sampleLines: this.#sampleLines,
        declaredFamilies: this.#printedFamilies.size,
      },
    };
  }

  /** Takes the line `bytes[start, end)`, newline excluded. False when the page has failed with it. */
  add(bytes: Uint8Array, start: number, end: number): boolean {
    this.lineNumber++;
    if (end - start > this.#limits.maxLineBytes) return this.tooLong();
    if (start === end) return true;
    if (this.ended) return this.#addAfterEnd(bytes, start, end);
    const kind = lineKindOf[bytes[start]!]!;
    if (kind === LINE_NAME) return this.#addNamed(bytes, start, end);
    if (kind === LINE_COMMENT) return this.#addComment(bytes, start, end);
    if (kind === LINE_BLANK) return this.#addIndented(bytes, start, end);
    if (kind === LINE_ILLEGAL) return this.#expected('a sample, a comment or nothing', bytes, start, end);
    this.#sampleLines++;
    return this.#readSample(undefined, bytes, start, end);
  }

  tooLong(): false {
    return this.#fail(`expected lines of at most ${this.#limits.maxLineBytes} bytes, found a longer one`);
  }

  #addNamed(bytes: Uint8Array, start: number, end: number): boolean {
    this.#sampleLines++;
    if (this.#wanted.every) return this.#addAnyName(bytes, start, end);
    const name = this.#wanted.sampleAt[this.#walk(bytes, start, end)];
    // A canonical name is as long as the printed one.
    if (name !== undefined) return this.#readSample(name, bytes, start + name.length, end);
    // The rest of an unwanted line goes unread, but text that is no metrics page at all seldom ends like a number.
    if (endsSampleLine[bytes[end - 1]!] === 1) return true;
    return this.#expected('a sample line, which ends in a number', bytes, start, end);
  }

  #addAnyName(bytes: Uint8Array, start: number, end: number): boolean {
    let nameEnd = start;
    while (nameEnd < end && nameClassOf[bytes[nameEnd]!] !== 0) nameEnd++;
    this.#cursor.place(bytes, start, end);
    const name = this.#cursor.text(start, nameEnd)!;
    return this.#readSample(canonicalName(name), bytes, nameEnd, end);
  }

  /** The trie node where the name at `start` ends; 0 where no wanted name begins like it. */
  #walk(bytes: Uint8Array, start: number, end: number): number {
    const { next } = this.#wanted;
    let node = 0;
    for (let at = start; at < end; at++) {
      const nameClass = nameClassOf[bytes[at]!]!;
      if (nameClass === 0) return node;
      node = next[(node << nameClassBits) | nameClass]!;
      if (node === 0) return 0;
    }
    return node;
  }

  #readSample(name: string | undefined, bytes: Uint8Array, start: number, end: number): boolean {
    const { every, samples, labelSets } = this.#wanted;
    const cursor = this.#cursor;
    cursor.place(bytes, start, end);
    const sample = readSample(cursor, name, this.#limits, every || name === undefined ? undefined : labelSets);
    if (sample === undefined) return this.#failAtCursor(name);
    if (name === undefined && !every && !samples.has(sample.name)) return true;
    if (this.#samples.length < this.#limits.maxSamples) return this.#samples.push(sample) > 0;
    const message = `expected at most ${this.#limits.maxSamples} samples of wanted names, found more`;
    this.failure = { ok: false, failure: 'too-many-samples', message };
    return false;
  }

  #addComment(bytes: Uint8Array, start: number, end: number): boolean {
    if (bytes[start + 1] === SPACE) {
      const letter = bytes[start + 2];
      if (letter === LETTER_H) return true;
      if (letter === LETTER_T && this.#isUnwantedType(bytes, start, end)) return true;
    }
    const cursor = this.#cursor;
    cursor.place(bytes, start + 1, end);
    const keyword = readKeyword(cursor);
    if (keyword === 'TYPE') return this.#addType(cursor);
    cursor.skipBlanks();
    this.ended = this.#openMetrics && keyword === 'EOF' && cursor.at === cursor.end;
    return true;
  }

  /** A quick no for most TYPE lines, and for no other line that matters. */
  #isUnwantedType(bytes: Uint8Array, start: number, end: number): boolean {
    const nameAt = start + typeNameAt;
    if (this.#wanted.every || nameAt >= end || bytes[nameAt - 1] !== SPACE) return false;
    if (nameClassOf[bytes[nameAt]!] === 0) return false;
    return this.#wanted.familyAt[this.#walk(bytes, nameAt, end)] === undefined;
  }

  #addType(cursor: LineCursor): boolean {
    const declaration = readType(cursor, this.#wanted, this.#limits.maxLabelNameBytes);
    if (cursor.problem !== undefined) return this.#failAtCursor(undefined);
    if (declaration === undefined) return true;
    this.#declared.set(canonicalName(declaration.printedName), declaration.type);
    if (this.#wanted.every) this.#printedFamilies.add(declaration.printedName);
    return true;
  }

  #addIndented(bytes: Uint8Array, start: number, end: number): boolean {
    let at = start;
    while (at < end && isBlank(bytes[at])) at++;
    if (at === end || (bytes[at] === RETURN && at + 1 === end)) return true;
    if (lineKindOf[bytes[at]!] === LINE_BLANK) return this.#expected('a sample or a comment', bytes, at, end);
    this.lineNumber--;
    return this.add(bytes, at, end);
  }

  #addAfterEnd(bytes: Uint8Array, start: number, end: number): boolean {
    let at = start;
    while (at < end && lineKindOf[bytes[at]!] === LINE_BLANK) at++;
    return at === end || this.#expected('nothing after `# EOF`', bytes, at, end);
  }

  #expected(what: string, bytes: Uint8Array, start: number, end: number): false {
    this.#cursor.place(bytes, start, end);
    this.#cursor.expected(what);
    return this.#failAtCursor(undefined);
  }

  #failAtCursor(name: string | undefined): false {
    const where = name === undefined ? '' : `${escapeUnprintable(name.slice(0, 80))}: `;
    return this.#fail(`${where}${this.#cursor.problem}`);
  }

  #fail(message: string): false {
    this.failure = { ok: false, failure: 'malformed', line: this.lineNumber, message };
    return false;
  }
}
