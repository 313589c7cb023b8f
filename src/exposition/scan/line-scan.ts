import { endsSampleLine, lineKindOf, nameClassOf } from '../bytes.ts';
import type { NameIndex } from '../name-index.ts';
import { lineScanCode } from './line-scan-code.ts';

/** What `wasm/line-scan.ts` exports: places in its memory, and the scan. */
interface Compiled {
  readonly memory: { readonly buffer: ArrayBuffer };
  lineKindAt(): number;
  nameClassAt(): number;
  endsSampleAt(): number;
  sampleTrieAt(): number;
  familyTrieAt(): number;
  resultsAt(): number;
  bytesAt(): number;
  nextAt(): number;
  passedLinesAtEnd(): number;
  passedSamplesAtEnd(): number;
  scan(from: number, to: number, maxLineBytes: number): number;
}

/** One half of what is scanned is for whoever reads from the network, the other for bytes that come from elsewhere. */
const halfBytes = 128 * 1024;
const sampleTrieBytes = 128 * 1024;
const familyTrieBytes = 256 * 1024;
const resultNumbers = 5;

/** The names that a scan looks for. */
export interface ScannedNames {
  readonly sampleIndex: NameIndex;
  readonly familyIndex: NameIndex;
}

/**
 * Finds the lines of a page that somebody has to look at, sixteen bytes at a time. `wasm/line-scan.ts` says how. There
 * is one for a thread; what a scan found is there until the next.
 */
class LineScan {
  /** Bytes that are read into this buffer are scanned where they are; all others are copied first. */
  readonly readBuffer: Uint8Array;
  /** Lines that were found. */
  count = 0;
  /** Where the first line begins that was not scanned, or has no end yet. */
  next = 0;
  /** False where there is more to scan from `next` on. */
  isWhole = true;
  readonly #code: Compiled;
  readonly #results: Int32Array;
  readonly #scratch: Uint8Array;
  readonly #scratchAt: number;
  #names: ScannedNames | undefined;
  /** What to add to a result's place for a place in the caller's bytes. */
  #shift = 0;

  constructor(code: Compiled) {
    const { buffer } = code.memory;
    this.#code = code;
    new Uint8Array(buffer, code.lineKindAt(), 256).set(lineKindOf);
    new Uint8Array(buffer, code.nameClassAt(), 256).set(nameClassOf);
    new Uint8Array(buffer, code.endsSampleAt(), 256).set(endsSampleLine);
    this.#results = new Int32Array(buffer, code.resultsAt());
    this.readBuffer = Buffer.from(buffer, code.bytesAt(), halfBytes);
    this.#scratchAt = code.bytesAt() + halfBytes;
    this.#scratch = new Uint8Array(buffer, this.#scratchAt, halfBytes);
  }

  /** Scans the lines that end in `bytes`, from `from` on. False, and nothing was done, where the names are too many. */
  scan(bytes: Uint8Array, from: number, names: ScannedNames, maxLineBytes: number): boolean {
    if (names !== this.#names && !this.#take(names)) return false;
    const isInPlace = bytes.buffer === this.#results.buffer;
    const length = isInPlace ? bytes.length - from : Math.min(bytes.length - from, halfBytes);
    if (!isInPlace) this.#scratch.set(bytes.subarray(from, from + length));
    const start = isInPlace ? bytes.byteOffset + from : this.#scratchAt;
    this.#shift = from - start;
    this.count = this.#code.scan(start, start + length, maxLineBytes);
    this.next = this.#code.nextAt() + this.#shift;
    const isFull = this.count * resultNumbers === fullResults && this.#code.nextAt() < start + length;
    this.isWhole = !isFull && from + length === bytes.length;
    return true;
  }

  startOf(result: number): number {
    return this.#results[result * resultNumbers]! + this.#shift;
  }

  /** Without the newline. */
  endOf(result: number): number {
    return this.#results[result * resultNumbers + 1]! + this.#shift;
  }

  /** The number of the wanted sample's name that the line begins with, or -1 where it is another line. */
  nameOf(result: number): number {
    return this.#results[result * resultNumbers + 2]!;
  }

  /** Lines passed between the result before and this one, samples not among them. */
  passedLines(result: number): number {
    return result < this.count ? this.#results[result * resultNumbers + 3]! : this.#code.passedLinesAtEnd();
  }

  passedSamples(result: number): number {
    return result < this.count ? this.#results[result * resultNumbers + 4]! : this.#code.passedSamplesAtEnd();
  }

  #take(names: ScannedNames): boolean {
    const { memory } = this.#code;
    this.#names = undefined;
    const samples = new DataView(memory.buffer, this.#code.sampleTrieAt(), sampleTrieBytes);
    const families = new DataView(memory.buffer, this.#code.familyTrieAt(), familyTrieBytes);
    if (!names.sampleIndex.writeTo(samples) || !names.familyIndex.writeTo(families)) return false;
    this.#names = names;
    return true;
  }
}

/** Results that fit. */
const fullResults = 2048 * resultNumbers;

const compiled = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(lineScanCode, 'base64')));
export const lineScan = new LineScan(compiled.exports as unknown as Compiled);
