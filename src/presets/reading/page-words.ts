const maxWordLength = 80;
const maxWords = 8;

/** Text from a page, in quotes and cut short: a page is untrusted, and its words end up in logs. */
export function quotedWord(text: string): string {
  return JSON.stringify(text.length > maxWordLength ? `${text.slice(0, maxWordLength)}…` : text);
}

/** A list of words from a page for a message: the first few of them, and how many more there are. */
export function wordList(words: Iterable<string>): string {
  const all = [...words];
  const shown = all
    .slice(0, maxWords)
    .map((word) => (word.length > maxWordLength ? `${word.slice(0, maxWordLength)}…` : word));
  return all.length > maxWords ? `${shown.join(', ')} and ${all.length - maxWords} more` : shown.join(', ');
}
