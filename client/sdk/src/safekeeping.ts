/**
 * The outbox's copy on the device: what is written there follows the outbox, and is known to be there or not.
 *
 * 1. What the outbox holds is written at once, what left it is removed; both in one transaction.
 * 2. What could not be written stays in the page alone, and counts as such. Beyond `BYTES_MAX` nothing more is written.
 */

import type { Change } from './changes.ts';
import { type Step, type Waiting, placesOf } from './outbox.ts';

/** Where one page keeps one person's unsaved edits of one list. */
export interface OutboxStore {
  /** Writes and removes steps of this page in one transaction. Rejects when that cannot be done. */
  readonly write: (steps: readonly Step[], removed: readonly number[]) => Promise<void>;
  /** Takes over what pages that are gone have left, in their order; each step goes to one page only. */
  readonly adopt: (nextId: () => number) => Promise<readonly Step[]>;
  /** Leaves what is there to other pages. */
  readonly close: () => void;
}

/** More than a day of typing, or a paste of some 100,000 cells. */
export const BYTES_MAX = 32 * 1024 * 1024;

interface Held {
  readonly changes: readonly Change[];
  readonly bytes: number;
  state: 'on its way' | 'kept' | 'not kept';
}

function bytesOf({ changes, trace }: Pick<Waiting, 'changes' | 'trace'>): number {
  return JSON.stringify(changes).length + (trace?.update.length ?? 0);
}

export class Safekeeping {
  readonly #store: OutboxStore;
  readonly #changed: () => void;
  readonly #held = new Map<number, Held>();
  #bytes = 0;
  #closed = false;

  /** `changed` is called when steps have been written, or could not be. */
  constructor(store: OutboxStore, changed: () => void) {
    this.#store = store;
    this.#changed = changed;
  }

  /** Makes the device hold these steps and no others (rule 1). */
  follow(steps: readonly Waiting[]): void {
    if (this.#closed) return;
    const present = new Set(steps.map(({ id }) => id));
    const removed = [...this.#held.keys()].filter((id) => !present.has(id));
    const added = steps.filter(({ id, changes, trace }) => trace !== null && this.#held.get(id)?.changes !== changes);
    if (removed.length + added.length === 0) return;
    for (const id of removed) this.#forget(id);
    const written = added.filter((step) => this.#take(step));
    void this.#write(written, removed);
  }

  /** Takes over what other pages left behind; `take` puts it into the outbox at once, so that it is not taken for removed. */
  async adopt(nextId: () => number, take: (steps: readonly Step[]) => void): Promise<void> {
    const steps = await this.#store.adopt(nextId).catch(() => []);
    if (this.#closed || steps.length === 0) return;
    for (const step of steps) this.#hold(step.id, step.changes, bytesOf(step), 'kept');
    take(steps);
  }

  /** How many of the places that steps speak about would go with this page. */
  lost(steps: readonly Waiting[]): number {
    return placesOf(steps.filter(({ id }) => this.#held.get(id)?.state !== 'kept'));
  }

  /** Whether any step could not be written. */
  get failing(): boolean {
    return [...this.#held.values()].some(({ state }) => state === 'not kept');
  }

  close(): void {
    this.#closed = true;
    this.#store.close();
  }

  #take(step: Waiting): boolean {
    this.#forget(step.id);
    const bytes = bytesOf(step);
    const fits = this.#bytes + bytes <= BYTES_MAX;
    this.#hold(step.id, step.changes, fits ? bytes : 0, fits ? 'on its way' : 'not kept');
    return fits;
  }

  #hold(id: number, changes: readonly Change[], bytes: number, state: Held['state']): void {
    this.#held.set(id, { changes, bytes, state });
    this.#bytes += bytes;
  }

  #forget(id: number): void {
    this.#bytes -= this.#held.get(id)?.bytes ?? 0;
    this.#held.delete(id);
  }

  async #write(added: readonly Waiting[], removed: readonly number[]): Promise<void> {
    const steps = added.flatMap(({ id, changes, trace }): Step[] => (trace ? [{ id, changes, trace }] : []));
    const held = added.flatMap(({ id }) => this.#held.get(id) ?? []);
    try {
      await this.#store.write(steps, removed);
      for (const one of held) one.state = 'kept';
    } catch {
      // Storage fails in many ways (full, forbidden, gone); the page says that the edits are kept nowhere else.
      for (const one of held) one.state = 'not kept';
    }
    if (held.length > 0 && !this.#closed) this.#changed();
  }
}
