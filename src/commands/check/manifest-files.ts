import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CheckedFile } from '../../check/check-manifests.ts';
import { maxFileLength } from '../../check/read-manifest.ts';

/** Files of a folder that may hold manifests. */
const manifestName = /\.(ya?ml|json)$/;
/** What no manifest of one's own is in. */
const skippedFolders = new Set(['node_modules', '.git', '.terraform', 'vendor']);
/** Files of all folders together: more is a mistake in the path. */
const mostFiles = 10_000;

/** What was read, and what could not be. */
export interface ManifestFiles {
  readonly files: readonly CheckedFile[];
  readonly faults: readonly string[];
}

/** Reads files, folders (whole, `.yaml`, `.yml` and `.json` in them) and standard input. Never rejects. */
export async function readManifestFiles(
  places: readonly string[],
  readInput: () => Promise<string>,
): Promise<ManifestFiles> {
  const faults: string[] = [];
  const names = (await Promise.all(places.map((place) => namesIn(place, faults)))).flat();
  if (names.length > mostFiles) {
    faults.push(`expected at most ${mostFiles} files, found ${names.length}: name the folder of the ScaledObjects`);
    return { files: [], faults };
  }
  const files = await Promise.all(
    [...new Set(names)].map(async (name): Promise<CheckedFile[]> => {
      try {
        return [await readOne(name, readInput)];
      } catch (error) {
        faults.push(`${name} can't be read: ${wordsOf(error)}`);
        return [];
      }
    }),
  );
  return { files: files.flat(), faults };
}

async function namesIn(place: string, faults: string[]): Promise<string[]> {
  if (place === '-') return [place];
  try {
    if (!(await stat(place)).isDirectory()) return [place];
    const entries = await readdir(place, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() && manifestName.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => !path.split(/[/\\]/).some((part) => skippedFolders.has(part)))
      .sort();
  } catch (error) {
    faults.push(`${place} can't be read: ${wordsOf(error)}`);
    return [];
  }
}

async function readOne(name: string, readInput: () => Promise<string>): Promise<CheckedFile> {
  if (name === '-') return { name: 'standard input', text: await readInput() };
  const { size } = await stat(name);
  // A character has four bytes at most.
  if (size > maxFileLength * 4) throw new Error(`expected at most ${maxFileLength * 4} bytes, found ${size}`);
  return { name, text: await readFile(name, 'utf8') };
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' ? 'there is no such file or folder' : error.message;
}
