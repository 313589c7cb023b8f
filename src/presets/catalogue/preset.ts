/**
 * What one kind of model server or gateway prints, as data. Quantities are written as formulas:
 *
 *     engine:requests_running                    sum over the family's series
 *     new:name | old:name                        the first name that has series counts, so an alias counts once
 *     a + ? b                                    `b` is optional: 0 when absent
 *     a - b                                      a result below 0 is 0
 *     family{type="active",path!="/livez",host}  label equals, differs, is printed and not empty
 *     family{name!="kv_*",path!~probes}          does not begin so; is no route of health checks and the like
 *
 * Matchers stand behind the last of several names and hold for all of them.
 */
export interface Preset {
  /** The name its makers use, for messages. */
  readonly title: string;
  readonly kind: 'engine' | 'gateway';
  /** Names of which at least one must be declared or sampled. One that ends in `_` or `:` is a prefix. */
  readonly fingerprint: readonly string[];
  /** A fingerprint's series with this label are another program's, which prints the same name. */
  readonly foreignLabel?: string;
  /** Further families by which a page without any request can be known, and from which its models are read. */
  readonly alsoPrinted?: readonly string[];
  /** Whether the page is JSON; text otherwise. `either`: the server prints both. */
  readonly body?: 'json' | 'either';

  /** Requests being executed; for an inclusive preset all requests. */
  readonly running?: string;
  /** Requests accepted but not executing. */
  readonly waiting?: string;
  /** Running alone already holds the waiting requests. */
  readonly inclusive?: true;
  /** Running and waiting, where that is a family of its own and not their sum. */
  readonly concurrency?: string;
  /** Where the page has no gauge of running requests: its load is what its latency sums grow by, and at least what waits. */
  readonly loadFrom?: 'latency-sums';
  /**
   * Its gauges and its request counter are born with the first request: a page with neither is that of an idle server,
   * and one whose counter says otherwise is not known. Left out: such a page may be that of a server that has not
   * reported yet, or does not at all.
   */
  readonly bornWithFirstRequest?: true;
  /**
   * `running` contains the read itself, and those of everybody else who reads at that moment: one is taken off, and of
   * several readings the smallest counts.
   */
  readonly countsItsReader?: true;
  /** Why no concurrency can be read from these pages, as a sentence. */
  readonly whyNoConcurrency?: string;
  /** The most requests the server runs at once. Left out: it does not print one, so the user must know. */
  readonly capacity?: string;
  /** A second factor of the capacity, per model: how many workers have the capacity above. */
  readonly capacityWorkers?: string;
  /** KV cache in use, as a ratio or as two families to divide. The fullest engine counts. */
  readonly kvCacheRatio?: string;
  readonly kvCacheUsed?: string;
  readonly kvCacheTotal?: string;
  /** Counters of requests. Found with and without the ending `_total`. */
  readonly requests?: string;
  /**
   * The histogram or summary of the times from a request's arrival to its end, for Little's law; or the two families
   * where it is none. Seconds per unit of the sum are 1 unless said.
   */
  readonly latency?: string;
  readonly latencySum?: string;
  readonly latencyCount?: string;
  readonly latencyUnitSeconds?: number;
  /** Counters of requests that the server refused because it had as many as it takes. */
  readonly refused?: string;
  /** Counters that move while the engine works, with each step or token. Found with and without the ending `_total`. */
  readonly steps?: string;
  /** Counters of tokens read and tokens made. Found with and without the ending `_total`. */
  readonly promptTokens?: string;
  readonly generationTokens?: string;
  /** The histogram of times to first token, and seconds per unit of its sum, 1 unless said. */
  readonly timeToFirstToken?: string;
  readonly timeToFirstTokenUnitSeconds?: number;
  /** 1 for an engine that is awake, 0 for one that sleeps. */
  readonly awake?: string;

  /** How series of one gauge combine, beyond adding them: see `combine-series.ts`. */
  readonly ranks?: 'sglang';
  /** Series are the hops that one request passes: see `largest-hop.ts`. */
  readonly hops?: Hops;
  /** Series that differ in `pid` alone are the copies that processes keep of one number. Otherwise they are its shares. */
  readonly pidCopies?: true;
  /**
   * Labels whose value is matched with a configured model: one of them is enough. Values of the first are listed as the
   * page's models. None: pages of this kind name no model.
   */
  readonly modelLabels?: readonly string[];
  /** One page may count several models, so that a series without a model label is not one model's. Always so for gateways. */
  readonly severalModels?: true;
  /** Values of the labels are not listed as models: they are something else, or stand on counters alone. */
  readonly modelsNotListed?: true;

  /** Where the page usually is, the likeliest first. */
  readonly ports: readonly number[];
  readonly paths: readonly string[];
  /** Load beside a frozen `steps` counter is suspect after this many milliseconds. */
  readonly suspectAfterMs?: number;
  /** How its metrics are switched on, as a sentence. */
  readonly howToSwitchOn?: string;
  /** For gateways: what their number is to the engines behind. */
  readonly inFront?: InFront;
  /**
   * For gateways: what becomes of a request while nothing runs behind. `holds`: it waits, and is counted as it does.
   * `wakes`: it is refused at once, but a counter moves. `silent`: it is refused and nothing on the page moves, so
   * that nothing can wake the workload. Left out: pages of this kind do not tell.
   */
  readonly atZero?: 'holds' | 'wakes' | 'silent';
}

export interface Hops {
  /** The label that tells applications apart, whose requests add. Left out: the page is that of one application. */
  readonly application?: string;
  /** The label that names the hop. */
  readonly hop: string;
}

export interface InFront {
  /**
   * What the gateway's number is that it does not state as waiting. `held`: no engine has these requests yet, they add.
   * `in-flight`: it contains what the engines have, so it replaces their sum where larger. What it states as waiting is
   * held in either case.
   */
  readonly counts: 'held' | 'in-flight';
}
