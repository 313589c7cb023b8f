/** `refused`: whoever takes the data wants no more of it. */
export type ReadProgress = 'more' | 'done' | 'malformed' | 'refused';

const CR = 13;
const LF = 10;
const SEMICOLON = 59;
/** 2^32 is far beyond any body that is accepted. */
const maxSizeDigits = 8;

type Stage = 'size' | 'extension' | 'size-end' | 'data' | 'data-cr' | 'data-lf' | 'trailer' | 'trailer-end';

/** Takes chunked framing (RFC 9112, section 7.1) off a body. Extensions and trailers are read over. */
export class ChunkedBody {
  readonly #take: (data: Uint8Array) => boolean;
  #stage: Stage = 'size';
  #size = 0;
  #digits = 0;
  #trailerBytes = 0;
  #spareBytes: number;

  /** `take` gets the data and says whether it wants more. `spareBytes`: what extensions and trailers may take in all. */
  constructor(take: (data: Uint8Array) => boolean, spareBytes: number) {
    this.#take = take;
    this.#spareBytes = spareBytes;
  }

  /** Reads `bytes` from `from` on, as far as the body goes. `at`: the first byte that was not read. */
  push(bytes: Uint8Array, from: number): { readonly progress: ReadProgress; readonly at: number } {
    let at = from;
    while (at < bytes.length) {
      if (this.#stage === 'data') {
        const end = Math.min(bytes.length, at + this.#size);
        if (!this.#take(bytes.subarray(at, end))) return { progress: 'refused', at: end };
        this.#size -= end - at;
        at = end;
        if (this.#size === 0) this.#stage = 'data-cr';
        continue;
      }
      const progress = this.#frame(bytes[at]!);
      at++;
      if (progress !== 'more') return { progress, at };
    }
    return { progress: 'more', at };
  }

  /** One byte of the framing between data. */
  #frame(byte: number): ReadProgress {
    switch (this.#stage) {
      case 'size':
        return this.#readSize(byte);
      case 'extension':
        if (byte === CR) return this.#turn('size-end');
        return byte === LF ? 'malformed' : this.#spend();
      case 'size-end':
        if (byte !== LF) return 'malformed';
        return this.#turn(this.#size === 0 ? 'trailer' : 'data');
      case 'data-cr':
        return byte === CR ? this.#turn('data-lf') : 'malformed';
      case 'data-lf':
        this.#digits = 0;
        return byte === LF ? this.#turn('size') : 'malformed';
      case 'trailer':
        return this.#readTrailer(byte);
      default:
        return this.#endTrailer(byte);
    }
  }

  #readSize(byte: number): ReadProgress {
    const digit = hexDigit(byte);
    if (digit !== undefined) {
      this.#digits++;
      this.#size = this.#size * 16 + digit;
      return this.#digits > maxSizeDigits ? 'malformed' : 'more';
    }
    if (this.#digits === 0) return 'malformed';
    if (byte === CR) return this.#turn('size-end');
    return byte === SEMICOLON || byte === 32 || byte === 9 ? this.#turn('extension') : 'malformed';
  }

  #readTrailer(byte: number): ReadProgress {
    if (byte === CR) return this.#turn('trailer-end');
    if (byte === LF) return 'malformed';
    this.#trailerBytes++;
    return this.#spend();
  }

  #endTrailer(byte: number): ReadProgress {
    if (byte !== LF) return 'malformed';
    if (this.#trailerBytes === 0) return 'done';
    this.#trailerBytes = 0;
    return this.#turn('trailer');
  }

  #turn(stage: Stage): ReadProgress {
    this.#stage = stage;
    return 'more';
  }

  #spend(): ReadProgress {
    this.#spareBytes--;
    return this.#spareBytes < 0 ? 'malformed' : 'more';
  }
}

function hexDigit(byte: number): number | undefined {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const letter = byte | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : undefined;
}
