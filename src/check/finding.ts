import type { Span } from './source-node.ts';

/** `error`: it will not work, or not as meant. `warning`: it works, at a cost that was measured. */
export type Severity = 'error' | 'warning';

/** A change of a file's text. */
export interface Edit extends Span {
  readonly text: string;
}

/** What is wrong or risky at one place of one manifest. */
export interface Finding {
  /** Stable name of the rule, for filters and for the docs. */
  readonly rule: string;
  readonly severity: Severity;
  /** `namespace/name`, or the name alone where the manifest has no namespace; `''`: no object was read. */
  readonly object: string;
  /** The key as a path: `spec.triggers[0].metadata.targetValue`. */
  readonly key: string;
  readonly span: Span;
  /** What was expected, what was found and what to do, on one line. */
  readonly words: string;
  /** What happens otherwise; `undefined`: `words` says it. */
  readonly why: string | undefined;
  /** How the line or lines should read; `undefined`: the author has to choose. */
  readonly mend: string | undefined;
  /** Changes that are safe to write without asking: they make the object mean what it says. */
  readonly edits: readonly Edit[];
}
