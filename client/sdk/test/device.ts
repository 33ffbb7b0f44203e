/** A device for tests: the database of a browser, and its locks, in memory. */

import { IDBFactory, IDBKeyRange } from 'fake-indexeddb';

import { DeviceOutbox, type Locks } from '../src/index.ts';

/** Locks as a browser has them: one holder at a time, in order; `ifAvailable` gets `null` where there is one. */
export class FakeLocks implements Locks {
  readonly #tails = new Map<string, Promise<unknown>>();

  async request<T>(name: string, ...rest: readonly unknown[]): Promise<T> {
    const action = rest.at(-1) as (lock: unknown) => Promise<T>;
    const before = this.#tails.get(name);
    if (rest.length > 1 && before) return action(null);
    const result = (before ?? Promise.resolve()).then(() => action({ name }));
    const tail = result.catch(() => undefined);
    this.#tails.set(name, tail);
    void tail.then(() => this.#tails.get(name) === tail && this.#tails.delete(name));
    return result;
  }

  /** The holder's page is gone, and its locks with it. */
  kill(name: string): void {
    this.#tails.delete(name);
  }
}

/** A device of one browser; `kill` ends a page of it without a word. */
export function newDevice(): { device: DeviceOutbox; kill: (page: string) => void } {
  const locks = new FakeLocks();
  const device = new DeviceOutbox(new IDBFactory(), IDBKeyRange, locks);
  return { device, kill: (page) => locks.kill(`rowhouse.outbox.${page}`) };
}

/** Lets the database do what it can. */
export async function settleDevice(): Promise<void> {
  for (let turn = 0; turn < 40; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
