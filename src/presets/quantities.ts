/**
 * Every number that a page can state, in base units, and how it moves. `gauge`: the state of this moment. `counter`:
 * grows for as long as the server runs, and falls only when it restarts. Signals, the rows between threads and what is
 * remembered of an endpoint are made from this table.
 */
export const quantities = {
  /** Requests the engine is executing. */
  running: 'gauge',
  /** Requests accepted but not executing. Undefined for engines whose running number already holds them. */
  waiting: 'gauge',
  /** Requests running and waiting, each counted once. */
  concurrency: 'gauge',
  /** The most requests the server will run at once. */
  capacity: 'gauge',
  /** When the server's process was started, in seconds since 1970: tells one process from another. */
  processStartSeconds: 'gauge',
  /** Share of the KV cache in use, 0 to 1, of the fullest engine on the page. */
  kvCacheRatio: 'gauge',
  /** Requests finished; for some servers requests begun. */
  requestsTotal: 'counter',
  /** Requests that the server refused because it had as many as it takes. */
  refusedTotal: 'counter',
  /** Moves with every engine step, or with the tokens that are read and made, where there is such a counter. */
  stepsTotal: 'counter',
  /** Tokens that were read and made, each counted when it is. */
  promptTokensTotal: 'counter',
  generationTokensTotal: 'counter',
  /** Sum of the seconds that ended requests took from arrival to end, and how many they were. */
  requestSecondsSum: 'counter',
  requestSecondsCount: 'counter',
  /** Sum of the times to first token, in seconds, and how many there were. */
  timeToFirstTokenSecondsSum: 'counter',
  timeToFirstTokenCount: 'counter',
} as const satisfies Readonly<Record<string, 'gauge' | 'counter'>>;

export type Quantity = keyof typeof quantities;

/** Quantities that only grow. */
export type Counter = { [Name in Quantity]: (typeof quantities)[Name] extends 'counter' ? Name : never }[Quantity];

/** `undefined` means absent: the page does not say. It is never the same as 0. */
export type Quantities = { readonly [Name in Quantity]: number | undefined };

export const quantityNames = Object.keys(quantities) as readonly Quantity[];

export const counterNames = quantityNames.filter((name): name is Counter => quantities[name] === 'counter');

/** What can be said of a whole page with yes or no. */
export const marks = [
  /** The zeros follow from request counters that are all 0, not from gauge samples. */
  'inferred',
  /** One of several ranks or engines on the page says no number, so the load is that of the others. */
  'partial',
  /** The same of the share of the KV cache. */
  'kvCachePartial',
  /** Every engine on the page is in sleep mode. */
  'asleep',
] as const;

export type Marks = { readonly [Name in (typeof marks)[number]]: boolean };
