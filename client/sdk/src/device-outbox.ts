/**
 * Unsaved edits on this device: IndexedDB, by person, list and page, so that they outlive a page, its browser and a sign-out.
 *
 * 1. What one person's page keeps is read by pages of the same person and list only.
 * 2. Each page holds a lock for as long as it lives; the steps of a page are taken over only when its lock is free.
 *    They move in one transaction, so that only one page gets each.
 * 3. Where the browser has no locks or no database, nothing is kept, and writing says so.
 */

import type { Step } from './outbox.ts';
import type { OutboxStore } from './safekeeping.ts';

const DATABASE = 'rowhouse-outbox';
const STEPS = 'steps';
/** Sorts after every text and number as a part of a key. */
const LAST: IDBValidKey = [];

type Key = [person: string, list: string, page: string, id: number];

interface Row extends Step {
  readonly person: string;
  readonly list: string;
  readonly page: string;
}

/** The part of `navigator.locks` that is used. */
export interface Locks {
  request<T>(name: string, action: () => Promise<T>): Promise<T>;
  request<T>(name: string, options: { readonly ifAvailable: true }, action: (lock: unknown) => Promise<T>): Promise<T>;
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function done(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}

const lockOf = (page: string): string => `rowhouse.outbox.${page}`;

export class DeviceOutbox {
  readonly #factory: IDBFactory | undefined;
  readonly #range: typeof IDBKeyRange;
  readonly #locks: Locks | undefined;
  #opened: Promise<IDBDatabase> | null = null;

  /** `undefined` for what the browser does not have. */
  constructor(factory: IDBFactory | undefined, range: typeof IDBKeyRange, locks: Locks | undefined) {
    this.#factory = factory;
    this.#range = range;
    this.#locks = locks;
  }

  /** How many steps of a person wait on this device, in any list. */
  async count(person: string): Promise<number> {
    if (!this.#factory) return 0;
    const steps = (await this.#database()).transaction(STEPS).objectStore(STEPS);
    return answer(steps.count(this.#below(person)));
  }

  /** Forgets all that a person has on this device. */
  async discard(person: string): Promise<void> {
    if (!this.#factory) return;
    const transaction = (await this.#database()).transaction(STEPS, 'readwrite');
    transaction.objectStore(STEPS).delete(this.#below(person));
    await done(transaction);
  }

  /** The store of one page (a name that nobody else has) for one person's edits of one list. */
  page(person: string, list: string, page: string): OutboxStore {
    let release = (): void => {};
    const held = this.#locks ? this.#hold(page, (let_go) => (release = let_go)) : Promise.reject(new Error('this browser has no locks'));
    held.catch(() => undefined);
    return {
      write: async (steps, removed) => {
        await held;
        const transaction = (await this.#database()).transaction(STEPS, 'readwrite');
        const store = transaction.objectStore(STEPS);
        for (const id of removed) store.delete([person, list, page, id] satisfies Key);
        for (const step of steps) store.put({ ...step, person, list, page } satisfies Row);
        await done(transaction);
      },
      adopt: async (nextId) => {
        await held;
        const adopted: Step[] = [];
        for (const other of await this.#others(person, list, page)) adopted.push(...(await this.#take(person, list, other, page, nextId)));
        return adopted;
      },
      close: () => void held.then(() => release(), () => undefined),
    };
  }

  /** Resolves once the page's lock is held; `released` gets the way to let go of it. */
  #hold(page: string, released: (release: () => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const living = (): Promise<void> => new Promise((release) => (released(release), resolve()));
      this.#locks?.request(lockOf(page), living).catch(reject);
    });
  }

  /** The pages that have steps of a person and list. */
  async #others(person: string, list: string, page: string): Promise<ReadonlySet<string>> {
    const steps = (await this.#database()).transaction(STEPS).objectStore(STEPS);
    const keys = (await answer(steps.getAllKeys(this.#below(person, list)))) as Key[];
    return new Set(keys.map(([, , owner]) => owner).filter((owner) => owner !== page));
  }

  /** Moves the steps of a page that is gone to `page`; nothing where it lives (rule 2). */
  async #take(person: string, list: string, from: string, page: string, nextId: () => number): Promise<readonly Step[]> {
    const move = async (lock: unknown): Promise<readonly Step[]> => {
      if (lock === null) return [];
      const transaction = (await this.#database()).transaction(STEPS, 'readwrite');
      const store = transaction.objectStore(STEPS);
      const rows = (await answer(store.getAll(this.#below(person, list, from)))) as Row[];
      const moved = rows.map((row): Row => ({ ...row, page, id: nextId() }));
      store.delete(this.#below(person, list, from));
      for (const row of moved) store.put(row);
      await done(transaction);
      return moved.map(({ id, changes, trace }) => ({ id, changes, trace }));
    };
    return this.#locks ? this.#locks.request(lockOf(from), { ifAvailable: true }, move) : [];
  }

  #below(...start: readonly string[]): IDBKeyRange {
    return this.#range.bound([...start], [...start, LAST]);
  }

  #database(): Promise<IDBDatabase> {
    this.#opened ??= this.#open().catch((error: unknown) => {
      this.#opened = null;
      throw error;
    });
    return this.#opened;
  }

  async #open(): Promise<IDBDatabase> {
    if (!this.#factory) throw new Error('this browser has no database');
    const opening = this.#factory.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STEPS, { keyPath: ['person', 'list', 'page', 'id'] });
    const database = await answer(opening);
    const forget = (): void => void (this.#opened = null);
    database.onclose = forget;
    // A newer version of the app waits for this one to let go.
    database.onversionchange = () => (database.close(), forget());
    return database;
  }
}
