/** Whoever wants to know that something changed; they read for themselves what it is now. */
export interface ChangeListeners {
  /** Returns the way out. */
  subscribe(listener: () => void): () => void;
  notify(): void;
}

export function changeListeners(): ChangeListeners {
  const listeners = new Map<symbol, () => void>();
  return {
    subscribe(listener) {
      const key = Symbol();
      listeners.set(key, listener);
      return () => {
        listeners.delete(key);
      };
    },
    // A copy, because a listener may leave or bring others while it is told.
    notify() {
      for (const listener of [...listeners.values()]) listener();
    },
  };
}
