/** Whoever wants to know that the ready replicas changed. */
export class Listeners {
  readonly #listeners = new Set<() => void>();

  /** Returns the way out. */
  add(listener: () => void): () => void {
    const own = (): void => listener();
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
