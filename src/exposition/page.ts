/** One line of a page: a value under a name and labels. */
export interface Sample {
  /** Canonical name: every `:` replaced by `_`, see `canonicalName`. */
  readonly name: string;
  /** Label values by label name, unescaped. A label printed empty is kept as `''`. */
  readonly labels: Readonly<Record<string, string>>;
  /** As printed, so it may be `NaN` or infinite; whoever gives it a meaning drops those. */
  readonly value: number;
}

export type MetricType =
  | 'counter'
  | 'gauge'
  | 'histogram'
  | 'gaugehistogram'
  | 'summary'
  | 'info'
  | 'stateset'
  | 'untyped'
  | 'unknown';

/** A page that could be read whole. */
export interface Page {
  readonly format: 'text' | 'openmetrics' | 'json';
  /** The wanted samples in the order printed. Of identical series all are kept; the last one counts. */
  readonly samples: readonly Sample[];
  /** Canonical names of wanted families that a `# TYPE` line declares, with their type, whether or not a sample follows. */
  readonly declared: ReadonlyMap<string, MetricType>;
  /** Sample lines on the whole page, wanted or not, before any merging. */
  readonly sampleLines: number;
  /** Distinct names that `# TYPE` lines declare on the whole page. Only counted when every name is wanted, else 0. */
  readonly declaredFamilies: number;
  /** The parsed body of a JSON page. */
  readonly json?: unknown;
}

/** Why a body is no usable page. A closed set: each is a label value, a log field and a word on the status page. */
export type PageFailure = 'malformed' | 'empty' | 'html' | 'truncated' | 'too-many-samples' | 'unsupported-format';

/** `line` counts from 1 and is given for a `malformed` text page; `message` says what was expected and what was found. */
export type PageOutcome =
  | { readonly ok: true; readonly page: Page }
  | { readonly ok: false; readonly failure: PageFailure; readonly line?: number; readonly message: string };

/** `vllm:num_requests_running` and `vllm_num_requests_running` are one name: some writers declare one and print the other. */
export function canonicalName(name: string): string {
  return name.replaceAll(':', '_');
}
