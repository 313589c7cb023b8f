// Finds the lines of a page that somebody has to look at. AssemblyScript, built by `npm run generate:scan`; what calls it
// is `line-scan.ts`, and `../page-lines.ts` says what a line means. How it works:
//
// 1. The next newline is found sixteen bytes at a time. The bytes behind the last one are a line without an end yet.
// 2. The first byte says what a line is. Help is passed. So is a sample that ends like a number and whose name nobody
//    wants, and a `# TYPE` in its usual form of a family that nobody wants. They are counted, for line numbers.
// 3. Names are found by the tries of `../name-index.ts`, written into memory: a step looks at one byte in which names
//    differ, and the one name that is left is compared whole.
// 4. Every other line becomes a result: where it starts and ends, the wanted name it begins with or -1, and how many
//    lines were passed before it. The caller reads those lines as it reads any.

const NEWLINE: u8 = 10;
const SPACE: u8 = 32;
const LETTER_H: u8 = 72;
/** `# TYPE ` as its first four and its following three bytes, as they lie in memory. */
const TYPE_START: u32 = 0x59542023;
const TYPE_END: u32 = 0x204550;
const LINE_NAME: u8 = 1;
const LINE_COMMENT: u8 = 3;
/** A branch: a four-byte offset and 64 two-byte edges. */
const BRANCH_BYTES: i32 = 132;
const RESULT_BYTES: i32 = 20;
const MAX_RESULTS: i32 = 2048;

/** Tables of a byte each, written once by the caller. */
const lineKind = memory.data(256);
const nameClass = memory.data(256);
const endsSample = memory.data(256);
/** The tries of the wanted samples and families, written before a scan that wants others than the scan before. */
const sampleTrie = memory.data(131072, 4);
const familyTrie = memory.data(262144, 4);
const results = memory.data(40960, 4);
/** What is scanned. Sixty-four bytes more than may be filled, for reads go beyond the end. */
const bytes = memory.data(262208, 16);

export function lineKindAt(): usize {
  return lineKind;
}
export function nameClassAt(): usize {
  return nameClass;
}
export function endsSampleAt(): usize {
  return endsSample;
}
export function sampleTrieAt(): usize {
  return sampleTrie;
}
export function familyTrieAt(): usize {
  return familyTrie;
}
export function resultsAt(): usize {
  return results;
}
export function bytesAt(): usize {
  return bytes;
}

/** Where the next line starts that was not scanned. */
let next: usize = 0;
let passedLines: i32 = 0;
let passedSamples: i32 = 0;

export function nextAt(): usize {
  return next;
}
/** Lines passed behind the last result, samples not among them. */
export function passedLinesAtEnd(): i32 {
  return passedLines;
}
export function passedSamplesAtEnd(): i32 {
  return passedSamples;
}

/** Scans the lines that end in `[from, to)`. Returns how many results there are; when they are too many, `next` is before `to`. */
export function scan(from: usize, to: usize, maxLineBytes: i32): i32 {
  let count = 0;
  let start = from;
  passedLines = 0;
  passedSamples = 0;
  for (let end = newlineFrom(start, to); end < to; end = newlineFrom(start, to)) {
    let name = -1;
    let isPassed = false;
    if (<i32>(end - start) <= maxLineBytes) {
      const kind = load<u8>(lineKind + load<u8>(start));
      if (kind == LINE_COMMENT) isPassed = isPassedComment(start, end);
      else if (kind == LINE_NAME) {
        name = find(sampleTrie, start, end);
        isPassed = name < 0 && load<u8>(endsSample + load<u8>(end - 1)) == 1;
        if (isPassed) {
          passedSamples++;
          passedLines--;
        }
      }
    }
    if (isPassed) passedLines++;
    else {
      if (count == MAX_RESULTS) break;
      const result = results + count * RESULT_BYTES;
      store<i32>(result, <i32>start);
      store<i32>(result, <i32>end, 4);
      store<i32>(result, name, 8);
      store<i32>(result, passedLines, 12);
      store<i32>(result, passedSamples, 16);
      passedLines = 0;
      passedSamples = 0;
      count++;
    }
    start = end + 1;
  }
  next = start;
  return count;
}

/** Where the next newline is, or somewhere at `to` or behind it. Most lines are longer than one step of 64 bytes. */
// @ts-ignore: decorator
@inline
function newlineFrom(from: usize, to: usize): usize {
  const newlines = i8x16.splat(NEWLINE);
  let at = from;
  while (at < to) {
    const first = i8x16.eq(v128.load(at), newlines);
    const second = i8x16.eq(v128.load(at, 16), newlines);
    const third = i8x16.eq(v128.load(at, 32), newlines);
    const fourth = i8x16.eq(v128.load(at, 48), newlines);
    if (v128.any_true(v128.or(v128.or(first, second), v128.or(third, fourth)))) {
      const low = (<u64>(<u32>i8x16.bitmask(first)) & 0xffff) | ((<u64>(<u32>i8x16.bitmask(second)) & 0xffff) << 16);
      const high = (<u64>(<u32>i8x16.bitmask(third)) & 0xffff) | ((<u64>(<u32>i8x16.bitmask(fourth)) & 0xffff) << 16);
      return at + <usize>ctz<u64>(low | (high << 32));
    }
    at += 64;
  }
  return to;
}

/** Help, another comment that begins like it, or the type of a family that nobody wants. */
// @ts-ignore: decorator
@inline
function isPassedComment(start: usize, end: usize): bool {
  if (load<u8>(start, 1) == SPACE && load<u8>(start, 2) == LETTER_H) return true;
  const nameAt = start + 7;
  if (nameAt >= end || load<u32>(start) != TYPE_START || (load<u32>(start, 4) & 0xffffff) != TYPE_END) return false;
  return load<u8>(nameClass + load<u8>(nameAt)) != 0 && find(familyTrie, nameAt, end) < 0;
}

/**
 * The number of the name that ends where the name in `[start, end)` ends, or -1. A trie is: its root, how many branches,
 * how many names; for each branch the offset of the byte that decides and 64 edges; for each name where its classes
 * start (from the trie) and how many they are. An edge is 0 for nothing, a branch, or the complement of a name.
 */
function find(trie: usize, start: usize, end: usize): i32 {
  let edge = load<i32>(trie);
  const branches = trie + 12;
  while (edge > 0) {
    const branch = branches + edge * BRANCH_BYTES;
    const at = start + load<i32>(branch);
    const byteClass: i32 = at < end ? load<u8>(nameClass + load<u8>(at)) : 0;
    edge = load<i16>(branch + 4 + (byteClass << 1)) as i32;
  }
  if (edge == 0) return -1;
  const name = ~edge;
  const entry = branches + load<i32>(trie, 4) * BRANCH_BYTES + name * 8;
  return beginsWith(start, end, trie + load<i32>(entry), load<i32>(entry, 4)) ? name : -1;
}

/** Backwards, for names that differ at all differ at the end. */
// @ts-ignore: decorator
@inline
function beginsWith(start: usize, end: usize, classes: usize, length: i32): bool {
  const nameEnd = start + length;
  if (nameEnd > end || (nameEnd < end && load<u8>(nameClass + load<u8>(nameEnd)) != 0)) return false;
  for (let place = length - 1; place >= 0; place--) {
    if (load<u8>(nameClass + load<u8>(start + place)) != load<u8>(classes + place)) return false;
  }
  return true;
}
