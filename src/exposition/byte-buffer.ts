const smallestBytes = 1024;
/** A larger buffer is given back when it is emptied. */
const keptBytes = 64 * 1024;

/** Bytes put aside until the rest of them arrives. Whoever appends bounds it. */
export class ByteBuffer {
  bytes: Buffer = Buffer.alloc(smallestBytes);
  length = 0;

  append(source: Uint8Array, start: number, end: number): void {
    const needed = this.length + end - start;
    if (needed > this.bytes.length) {
      const larger = Buffer.alloc(Math.max(needed, this.bytes.length * 2));
      larger.set(this.bytes.subarray(0, this.length));
      this.bytes = larger;
    }
    this.bytes.set(source.subarray(start, end), this.length);
    this.length = needed;
  }

  clear(): void {
    this.length = 0;
    if (this.bytes.length > keptBytes) this.bytes = Buffer.alloc(smallestBytes);
  }
}
