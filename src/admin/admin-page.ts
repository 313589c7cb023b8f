/** What was asked for. */
export interface Asked {
  /** The request line's target. */
  readonly url: string;
  /** That of it which is before `?` and `#`. */
  readonly path: string;
  readonly accept: string | undefined;
}

export interface AdminPage {
  /** The HTTP status code. */
  readonly code: number;
  readonly contentType: string;
  readonly body: string;
  /** Besides those that every page has, or instead of them. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A page of plain words, which end with a line break. */
export function textPage(code: number, words: string): AdminPage {
  return { code, contentType: 'text/plain; charset=utf-8', body: words.endsWith('\n') ? words : `${words}\n` };
}
