import type { ScrapeOwner } from '../scrape-target.ts';

type Tenant = string | undefined;

/**
 * A queue in which nobody waits for another's long list: tenants take turns, and the triggers of one tenant do. Of one
 * trigger whoever came first is next.
 */
export class FairQueue<Item> {
  readonly #tenants = new Map<Tenant, Map<string | undefined, Item[]>>();

  add(item: Item, owner: ScrapeOwner | undefined): void {
    const { tenant, trigger } = owner ?? {};
    const triggers = this.#tenants.get(tenant) ?? new Map<string | undefined, Item[]>();
    this.#tenants.set(tenant, triggers);
    const items = triggers.get(trigger);
    if (items === undefined) triggers.set(trigger, [item]);
    else items.push(item);
  }

  /** Takes the next one of the tenant that has least in hand; none where `mayTake` says no to all who wait. */
  take(inHand: (tenant: Tenant) => number, mayTake: (tenant: Tenant) => boolean): Item | undefined {
    let chosen: { readonly tenant: Tenant; readonly count: number } | undefined;
    for (const tenant of this.#tenants.keys()) {
      const count = inHand(tenant);
      if ((chosen === undefined || count < chosen.count) && mayTake(tenant)) chosen = { tenant, count };
    }
    return chosen && this.#takeOf(chosen.tenant);
  }

  #takeOf(tenant: Tenant): Item {
    const triggers = this.#tenants.get(tenant)!;
    const [trigger, items] = triggers.entries().next().value!;
    const item = items.shift()!;
    // Whoever had a turn goes to the end of the line.
    triggers.delete(trigger);
    if (items.length > 0) triggers.set(trigger, items);
    this.#tenants.delete(tenant);
    if (triggers.size > 0) this.#tenants.set(tenant, triggers);
    return item;
  }
}
