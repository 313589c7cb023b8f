/** A smaller page costs its server milliseconds, however long it lets us wait for it. */
const largeBytes = 512 * 1024;
/** Printing for us takes a tenth of a server's time at most. */
const restsPerMs = 9;
/** A number must not become too old, whatever it costs. */
const mostRestMs = 10_000;

/**
 * What printing one endpoint's page costs its server. A page that grows with every path it was ever asked for comes to
 * megabytes, and seconds in which nothing else is served: such a page is asked for less often. What a loaded server
 * takes for a page of usual size says nothing of its cost, nor does one slow print among quick ones.
 */
export class ServerBurden {
  /** What a print takes at the least: falls at once, and rises slowly. */
  #printMs: number | undefined;

  /** Takes in a page of this size that took so long. Returns how long to leave its server alone, in milliseconds. */
  note(bodyBytes: number, tookMs: number): number {
    if (bodyBytes < largeBytes) {
      this.#printMs = undefined;
      return 0;
    }
    const before = this.#printMs ?? tookMs;
    this.#printMs = Math.min(tookMs, before + (tookMs - before) / 8);
    return Math.min(mostRestMs, restsPerMs * this.#printMs);
  }
}
