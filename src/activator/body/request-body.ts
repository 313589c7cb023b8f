import type { IncomingMessage } from 'node:http';
import type { MemoryPool } from './memory-pool.ts';
import { SpoolFile } from './spool-file.ts';

export interface BodyLimits {
  /** The most that one request may send. */
  readonly maxBytes: number;
  /** What of one held body is kept in memory at most; more goes into a file. */
  readonly maxMemoryBytes: number;
  /** Where such files are, or `undefined`: a held body that needs one is refused. */
  readonly spoolDirectory: string | undefined;
  readonly memory: MemoryPool;
}

/** Why a body can't be kept. */
export type BodyRefusal = 'too-large' | 'no-memory' | 'no-file';

/** What happens to a body while it is taken in. */
export interface BodyListener {
  /** More bytes are kept. False: they may not be, and no more are taken in. */
  kept(bytes: number): boolean;
  refused(refusal: BodyRefusal): void;
}

type State = 'untouched' | 'taking-in' | 'paused' | 'opened' | 'closed';

/**
 * One request's body. It stays with the client until it is wanted: its head can be looked at, it can be taken in while
 * the request waits, and it is opened once, for the replica: first what was kept, then what still comes. The bytes that
 * arrive are the bytes that are sent.
 */
export class RequestBody {
  readonly #source: IncomingMessage;
  readonly #limits: BodyLimits;
  readonly #kept: Buffer[] = [];
  #memoryBytes = 0;
  #file: SpoolFile | undefined;
  #bytes = 0;
  #state: State = 'untouched';
  #isComplete = false;
  #listener: BodyListener | undefined;
  #onHead: (() => void) | undefined;
  #headBytes = 0;

  constructor(source: IncomingMessage, limits: BodyLimits) {
    this.#source = source;
    this.#limits = limits;
  }

  /** Bytes taken in so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** All of it is here. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** What of the beginning is in memory. */
  get head(): Buffer {
    return this.#kept.length === 1 ? this.#kept[0]! : Buffer.concat(this.#kept);
  }

  /** Takes in at most about `bytes`, and calls once when they or the whole are here. Never when the client goes away. */
  whenHead(bytes: number, then: () => void, refused: (refusal: BodyRefusal) => void): void {
    this.#headBytes = bytes;
    this.#onHead = then;
    this.takeIn({ kept: () => true, refused });
  }

  /** Takes in what comes, telling of it. What is here already is not told of. */
  takeIn(listener: BodyListener): void {
    this.#listener = listener;
    if (this.#isComplete) return;
    if (this.#state === 'untouched') {
      this.#source.on('data', this.#onData);
      this.#source.on('end', this.#onEnd);
    }
    this.#state = 'taking-in';
    this.#source.resume();
  }

  /** For the replica; to be called once. A buffer when all of it is here in memory. */
  open(): Buffer | AsyncIterable<Uint8Array> {
    this.#state = 'opened';
    this.#listener = undefined;
    this.#source.off('data', this.#onData);
    this.#source.off('end', this.#onEnd);
    if (!this.#isComplete) this.#source.pause();
    return this.#isComplete && this.#file === undefined ? this.head : this.#stream();
  }

  /** Frees what is kept: it has been sent. */
  release(): void {
    this.#kept.length = 0;
    this.#limits.memory.release(this.#memoryBytes);
    this.#memoryBytes = 0;
    this.#file?.close();
    this.#file = undefined;
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#source.off('data', this.#onData);
    this.#source.off('end', this.#onEnd);
    this.release();
    // Node throws the rest away, so that the next request of the connection is found.
    this.#source.resume();
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#bytes += chunk.byteLength;
    const refusal = this.#bytes > this.#limits.maxBytes ? 'too-large' : this.#keep(chunk);
    if (refusal !== undefined) this.#refuse(refusal);
    else if (this.#listener?.kept(chunk.byteLength) === false) this.#pause();
    else if (this.#onHead !== undefined && this.#bytes >= this.#headBytes) {
      this.#pause();
      this.#headIsHere();
    }
  };

  readonly #onEnd = (): void => {
    this.#isComplete = true;
    this.#headIsHere();
  };

  #headIsHere(): void {
    const then = this.#onHead;
    this.#onHead = undefined;
    then?.();
  }

  #pause(): void {
    this.#state = 'paused';
    this.#source.pause();
  }

  #refuse(refusal: BodyRefusal): void {
    const listener = this.#listener;
    this.#onHead = undefined;
    this.#pause();
    listener?.refused(refusal);
  }

  #keep(chunk: Buffer): BodyRefusal | undefined {
    const { memory, maxMemoryBytes, spoolDirectory } = this.#limits;
    const fits = this.#file === undefined && this.#memoryBytes + chunk.byteLength <= maxMemoryBytes;
    if (fits && memory.take(chunk.byteLength)) {
      this.#memoryBytes += chunk.byteLength;
      this.#kept.push(chunk);
      return undefined;
    }
    if (spoolDirectory === undefined) return fits ? 'no-memory' : 'too-large';
    this.#file ??= new SpoolFile(spoolDirectory);
    this.#spool(this.#file, chunk);
    return undefined;
  }

  /** The client sends no faster than the disk writes. */
  #spool(file: SpoolFile, chunk: Buffer): void {
    this.#source.pause();
    file.append(chunk).then(
      () => this.#state === 'taking-in' && this.#source.resume(),
      () => this.#refuse('no-file'),
    );
  }

  async *#stream(): AsyncGenerator<Uint8Array> {
    for (const chunk of this.#kept) yield chunk;
    if (this.#file !== undefined) yield* this.#file.read();
    if (this.#isComplete) return;
    // The client's connection outlives this loop: it still waits for its answer.
    for await (const chunk of this.#source.iterator({ destroyOnReturn: false })) {
      this.#bytes += (chunk as Buffer).byteLength;
      if (this.#bytes > this.#limits.maxBytes) throw new BodyTooLarge();
      yield chunk as Buffer;
    }
  }
}

/** A body turned out to be larger than it may be while it was being sent on. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
}
