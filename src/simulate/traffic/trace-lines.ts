import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';

/** A file that is no trace, or a broken line of one. The message names file and line. */
export class TraceError extends Error {
  override readonly name = 'TraceError';
}

/** A line longer than this belongs to no trace. */
const longestLine = 1_000_000;

/** The lines of a file, unpacked where its name ends in `.gz`, some at a time: one array for each piece read. */
export async function* linesOf(path: string): AsyncGenerator<readonly string[]> {
  const file = createReadStream(path);
  const input = path.endsWith('.gz') ? file.pipe(createGunzip()) : file;
  // A pipe does not hand errors on, so a file that cannot be read has to end the reader by hand.
  file.on('error', (error) => input.destroy(error));
  input.setEncoding('utf8');
  let rest = '';
  try {
    for await (const piece of input as AsyncIterable<string>) {
      const lines = (rest + piece).split('\n');
      rest = lines.pop()!;
      if (rest.length > longestLine) throw new TraceError(`${path}: a line is longer than ${longestLine} characters`);
      if (lines.length > 0) yield lines;
    }
    if (rest !== '') yield [rest];
  } catch (error) {
    if (error instanceof TraceError) throw error;
    throw new TraceError(`${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  } finally {
    file.destroy();
  }
}
