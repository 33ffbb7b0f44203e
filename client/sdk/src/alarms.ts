/** Timers by name: setting one again replaces it. */

export class Alarms<Name extends string> {
  readonly #after: (delayMs: number, action: () => void) => () => void;
  readonly #set = new Map<Name, () => void>();

  /** `after` runs an action later, and returns the way to stop it. */
  constructor(after: (delayMs: number, action: () => void) => () => void) {
    this.#after = after;
  }

  has(name: Name): boolean {
    return this.#set.has(name);
  }

  set(name: Name, delayMs: number, action: () => void): void {
    this.cancel(name);
    const stop = this.#after(delayMs, () => {
      this.#set.delete(name);
      action();
    });
    this.#set.set(name, stop);
  }

  cancel(...names: Name[]): void {
    for (const name of names) {
      this.#set.get(name)?.();
      this.#set.delete(name);
    }
  }

  cancelAll(): void {
    this.cancel(...this.#set.keys());
  }
}
