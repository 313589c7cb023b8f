const longestQuote = 80;

/**
 * Somebody's text as a fault shows it: in double quotes, on one line, at most 80 characters, and without what
 * a URL may carry in secret (user info, query).
 */
export function quoted(text: string): string {
  const shown = text.replace(/\/\/[^/\s,]*@/g, '//…@').replace(/(https?:\/\/[^?\s,]*)\?[^\s,]*/gi, '$1?…');
  const short = shown.length > longestQuote ? `${shown.slice(0, longestQuote)}…` : shown;
  const escaped = (mark: string) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(short.toWellFormed()).replace(
    /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    escaped,
  );
}
