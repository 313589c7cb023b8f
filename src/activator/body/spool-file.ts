import { randomUUID } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { open, unlink } from 'node:fs/promises';
import { join } from 'node:path';

const readBytes = 64 * 1024;

/**
 * Bytes kept in a file without a name: it is unlinked as soon as it is open, so it goes with the process, whatever
 * ends that. Writes are done one after the other.
 */
export class SpoolFile {
  readonly #file: Promise<FileHandle>;
  #written: Promise<void>;
  #bytes = 0;

  constructor(directory: string) {
    this.#file = openUnnamed(join(directory, `keda-llm-scaler-${randomUUID()}`));
    this.#written = this.#file.then(() => undefined);
    // Told to whoever reads or writes next, not to the process.
    this.#written.catch(() => undefined);
  }

  /** Resolves when all so far is written. Rejects where it can't be. */
  append(chunk: Uint8Array): Promise<void> {
    const at = this.#bytes;
    this.#bytes += chunk.byteLength;
    this.#written = this.#written.then(async () => {
      const file = await this.#file;
      let done = 0;
      while (done < chunk.byteLength) {
        const { bytesWritten } = await file.write(chunk, done, chunk.byteLength - done, at + done);
        done += bytesWritten;
      }
    });
    this.#written.catch(() => undefined);
    return this.#written;
  }

  /** All that was appended before the call, from the beginning. */
  async *read(): AsyncGenerator<Uint8Array> {
    await this.#written;
    const file = await this.#file;
    const end = this.#bytes;
    for (let at = 0; at < end; ) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(Math.min(readBytes, end - at)), 0, null, at);
      if (bytesRead === 0) throw new Error('the file of a held body ended early');
      yield buffer.subarray(0, bytesRead);
      at += bytesRead;
    }
  }

  /** Frees its space. What is appended later goes nowhere. */
  close(): void {
    void this.#written
      .catch(() => undefined)
      .then(async () => await (await this.#file).close())
      .catch(() => undefined);
  }
}

async function openUnnamed(path: string): Promise<FileHandle> {
  const file = await open(path, 'wx+', 0o600);
  await unlink(path);
  return file;
}
