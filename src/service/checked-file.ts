import { readFile } from 'node:fs/promises';

/** What `read` makes of a file. Rejects with its path and why not, which must repeat nothing of what it holds. */
export async function readChecked(file: string, read: (bytes: Uint8Array) => string): Promise<string> {
  const bytes = await readFile(file);
  try {
    return read(bytes);
  } catch (error) {
    throw new Error(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
