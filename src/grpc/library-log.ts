import { format } from 'node:util';
import { setLogger } from '@grpc/grpc-js';

/** What a listener that could not listen writes, word for word the beginning of the error it rejects with. */
const saidByTheError = /^No address added out of total \d+ resolved$/;

/**
 * Lets the gRPC library write to `write` what it writes to standard error by itself, in its own form and with its own
 * verbosity, but for words that reach us as an error and are logged as one. For the whole process.
 */
export function hearLibrary(write: (line: string) => void): void {
  const lineOf =
    (letter: string) =>
    (...words: readonly unknown[]): void => {
      if (!saidByTheError.test(String(words[0]))) write(`${letter} ${format(...words)}\n`);
    };
  setLogger({ error: lineOf('E'), info: lineOf('I'), debug: lineOf('D') });
}
