/** What was asked for. */
export interface Asked {
  /** The request line's target. */
  readonly url: string;
  readonly accept: string | undefined;
}

export interface AdminPage {
  readonly code: number;
  readonly contentType: string;
  readonly body: string;
  /** Besides those that every page has, or instead of them. */
  readonly headers?: Readonly<Record<string, string>>;
}
