import {
  endsSampleLine,
  isBlank,
  LINE_BLANK,
  LINE_COMMENT,
  LINE_ILLEGAL,
  LINE_NAME,
  lineKindOf,
  NEWLINE,
  nameClassOf,
  RETURN,
  SPACE,
} from './bytes.ts';
import type { LabelLimits } from './label-set.ts';
import { escapeUnprintable, LineCursor } from './line-cursor.ts';
import type { MetricType, PageOutcome, Sample } from './page.ts';
import { canonicalName } from './page.ts';
import { readSample } from './sample-line.ts';
import { lineScan } from './scan/line-scan.ts';
import { readType, readTypeWord } from './type-line.ts';
import type { WantedNames } from './wanted-names.ts';

const LETTER_H = 72;
const nothing = new Uint8Array();
const TYPE = Buffer.from('TYPE');
const EOF = Buffer.from('EOF');
const typeStart = Buffer.from('# TYPE ');

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
  #openMetrics = false;
  readonly #cursor = new LineCursor();
  readonly #samples: Sample[] = [];
  readonly #declared = new Map<string, MetricType>();
  readonly #printedFamilies = new Set<string>();
  #sampleLines = 0;
  /** The name of the sample before: lines of one name follow each other. */
  #printedName = '';
  #canonicalName = '';

  constructor(wanted: WantedNames, limits: LineLimits) {
    this.#wanted = wanted;
    this.#limits = limits;
  }

  /** Begins another page. What the last one gave must have been read by now. */
  begin(openMetrics: boolean): void {
    this.release();
    this.#openMetrics = openMetrics;
    this.lineNumber = 0;
    this.ended = false;
    this.failure = undefined;
    this.#sampleLines = 0;
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

  /** Lets go of what was read. The page of its outcome is empty from then on. */
  release(): void {
    this.#samples.length = 0;
    this.#declared.clear();
    this.#printedFamilies.clear();
    this.#cursor.place(nothing, 0, 0);
  }

  /**
   * Takes every line that ends in `bytes`, from `from` on. Returns where the line begins that has no end yet, or the one
   * that failed. Most lines of a page are samples that nobody wants, or help: the scan passes them by itself.
   */
  addAll(bytes: Buffer, from: number): number {
    const { maxLineBytes } = this.#limits;
    let start = from;
    while (!this.#wanted.every && !this.ended && lineScan.scan(bytes, start, this.#wanted, maxLineBytes)) {
      const { next, isWhole } = lineScan;
      const stoppedAt = this.#addScanned(bytes);
      if (stoppedAt !== undefined) {
        if (this.failure !== undefined) return stoppedAt;
        start = stoppedAt;
      } else if (isWhole) return next;
      else if (next === start) break;
      else start = next;
    }
    return this.#addEach(bytes, start);
  }

  /** Takes what a scan found. Returns where it stopped: at a line that failed, or behind the last line of the page. */
  #addScanned(bytes: Buffer): number | undefined {
    const { sampleIndex } = this.#wanted;
    for (let result = 0; result < lineScan.count; result++) {
      const start = lineScan.startOf(result);
      const end = lineScan.endOf(result);
      const number = lineScan.nameOf(result);
      this.#pass(lineScan.passedLines(result), lineScan.passedSamples(result));
      if (number < 0) {
        if (!this.add(bytes, start, end)) return start;
        if (this.ended) return end + 1;
      } else {
        const name = sampleIndex.nameAt(number);
        this.#pass(0, 1);
        // A canonical name is as long as the printed one.
        if (!this.#readSample(name, bytes, start + name.length, end)) return start;
      }
    }
    this.#pass(lineScan.passedLines(lineScan.count), lineScan.passedSamples(lineScan.count));
    return undefined;
  }

  /** The same line by line: behind the end of a page, where every name is wanted, and where a scan finds no end of a line. */
  #addEach(bytes: Buffer, from: number): number {
    let start = from;
    for (let end = bytes.indexOf(NEWLINE, from); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      if (!this.add(bytes, start, end)) return start;
      start = end + 1;
    }
    return start;
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

  #pass(otherLines: number, sampleLines: number): void {
    this.lineNumber += otherLines + sampleLines;
    this.#sampleLines += sampleLines;
  }

  #addNamed(bytes: Uint8Array, start: number, end: number): boolean {
    this.#sampleLines++;
    if (this.#wanted.every) return this.#addAnyName(bytes, start, end);
    const name = this.#wanted.sampleIndex.find(bytes, start, end);
    // A canonical name is as long as the printed one.
    if (name !== undefined) return this.#readSample(name, bytes, start + name.length, end);
    // The rest of an unwanted line goes unread, but text that is no metrics page at all seldom ends like a number.
    if (endsSampleLine[bytes[end - 1]!] === 1) return true;
    return this.#expected('a sample line, which ends in a number', bytes, start, end);
  }

  #addAnyName(bytes: Uint8Array, start: number, end: number): boolean {
    let nameEnd = start;
    while (nameEnd < end && nameClassOf[bytes[nameEnd]!] !== 0) nameEnd++;
    if (!isText(this.#printedName, bytes, start, nameEnd)) {
      this.#cursor.place(bytes, start, end);
      this.#printedName = this.#cursor.text(start, nameEnd)!;
      this.#canonicalName = canonicalName(this.#printedName);
    }
    return this.#readSample(this.#canonicalName, bytes, nameEnd, end);
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
    const nameAt = start + typeStart.length;
    if (isHelp(bytes, start)) return true;
    const usual = nameAt < end && nameClassOf[bytes[nameAt]!] !== 0 && startsWith(bytes, start, typeStart);
    if (usual && !this.#wanted.every) return this.#addUsualType(bytes, nameAt, end);
    const cursor = this.#cursor;
    cursor.place(bytes, start + 1, end);
    cursor.skipBlanks();
    const keyword = cursor.at;
    cursor.at = cursor.tokenEnd();
    if (cursor.at - keyword === TYPE.length && startsWith(bytes, keyword, TYPE)) return this.#addType(cursor);
    const isEnd = cursor.at - keyword === EOF.length && startsWith(bytes, keyword, EOF);
    cursor.skipBlanks();
    this.ended = this.#openMetrics && isEnd && cursor.at === cursor.end;
    return true;
  }

  /** `# TYPE name type` with single blanks, as nearly every writer prints it: most are unwanted, and read no further. */
  #addUsualType(bytes: Uint8Array, nameAt: number, end: number): boolean {
    const name = this.#wanted.familyIndex.find(bytes, nameAt, end);
    if (name === undefined) return true;
    const cursor = this.#cursor;
    cursor.place(bytes, nameAt + name.length, end);
    // A longer word than the name is another name, though no legal one.
    if (cursor.at < cursor.end && !isBlank(cursor.peek())) return true;
    const type = readTypeWord(cursor);
    if (type === undefined) return this.#failAtCursor(name);
    this.#declared.set(name, type);
    return true;
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

/** Whether the bytes are this text, which is ASCII. */
function isText(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) !== bytes[start + index]) return false;
  return true;
}

function startsWith(bytes: Uint8Array, start: number, prefix: Uint8Array): boolean {
  for (let index = 0; index < prefix.length; index++) if (bytes[start + index] !== prefix[index]) return false;
  return true;
}

/** Or another comment that begins like `# HELP`: none of those matters either. */
function isHelp(bytes: Uint8Array, start: number): boolean {
  return bytes[start + 1] === SPACE && bytes[start + 2] === LETTER_H;
}
