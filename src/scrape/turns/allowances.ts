/** One core reads some six thousand pages of 80 kB a second. */
const perSecond = 4000;

interface Allowance {
  left: number;
  atMs: number;
}

/** What is begun at once arrives at once, and until all of it is read nothing else is. */
const atOnce = 64;

/**
 * How many scrapes each tenant may still begin: 4,000 a second, and no more than a few at once. A thread that is late
 * thereby gives less to the tenants that keep it busy, and soon is late no more.
 */
export class Allowances {
  readonly #byTenant = new Map<string, Allowance>();

  /** Whether this tenant may begin one more now. */
  has(tenant: string | undefined, nowMs: number): boolean {
    return tenant === undefined || this.#of(tenant, nowMs).left >= 1;
  }

  spend(tenant: string | undefined, nowMs: number): void {
    if (tenant !== undefined) this.#of(tenant, nowMs).left--;
  }

  /** Tenants that are remembered. */
  get size(): number {
    return this.#byTenant.size;
  }

  /** Forgets tenants that have begun nothing for a minute; the loop calls it once a second or so. */
  forget(nowMs: number): void {
    for (const [tenant, { atMs }] of this.#byTenant) if (nowMs - atMs > 60_000) this.#byTenant.delete(tenant);
  }

  #of(tenant: string, nowMs: number): Allowance {
    const allowance = this.#byTenant.get(tenant) ?? { left: atOnce, atMs: nowMs };
    this.#byTenant.set(tenant, allowance);
    allowance.left = Math.min(atOnce, allowance.left + ((nowMs - allowance.atMs) * perSecond) / 1000);
    allowance.atMs = nowMs;
    return allowance;
  }
}
