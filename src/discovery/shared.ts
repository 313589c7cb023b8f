/** What several users hold at once and must be closed after the last of them. */
export interface Closable {
  close(): void;
}

export interface Lease<Thing> {
  readonly thing: Thing;
  /** Gives it up. Does nothing the second time. */
  release(): void;
}

export interface Shared<Thing> {
  /** The thing of that key, opened for whoever asks first and closed when nobody has it any more. */
  lease(key: string, open: () => Thing): Lease<Thing>;
  closeAll(): void;
}

export function shared<Thing extends Closable>(): Shared<Thing> {
  const held = new Map<string, { readonly thing: Thing; users: number }>();
  return {
    lease(key, open) {
      const entry = held.get(key) ?? { thing: open(), users: 0 };
      held.set(key, entry);
      entry.users += 1;
      let mine = true;
      const release = (): void => {
        if (!mine) return;
        mine = false;
        entry.users -= 1;
        if (entry.users > 0 || held.get(key) !== entry) return;
        held.delete(key);
        entry.thing.close();
      };
      return { thing: entry.thing, release };
    },
    closeAll() {
      const open = [...held.values()];
      held.clear();
      for (const { thing } of open) thing.close();
    },
  };
}
