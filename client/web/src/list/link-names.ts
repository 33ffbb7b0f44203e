/**
 * Names of linked rows for the cells that are drawn, and the search of a link's picker.
 *
 * 1. A drawn cell asks for a name and gets `undefined`; listeners hear when names have come in.
 * 2. A linked list is read page by page, its primary column only, and no further than the names asked for; a row
 *    that no page has (made since, or in the trash) is asked for by itself.
 * 3. Names are as fresh as the page: linked lists are not held live.
 */

import { call } from '../account/account.ts';
import { Problem } from '../api/http.ts';

const PAGE_ROWS = 1_000;
const GATHER_MS = 16;
const SEARCH_ROWS = 30;
const NOT_FOUND = 404;

export interface FoundRow {
  readonly row: string;
  readonly name: string;
}

interface RecordAnswer {
  readonly id: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

interface RecordPage {
  readonly items: readonly RecordAnswer[];
  readonly next_cursor: string | null;
}

/** How far a linked list has been read: the next page, or `null` when all of it. */
interface Reading {
  cursor: string | null;
  done: boolean;
}

interface ListAnswer {
  readonly primary?: string | null;
  readonly columns: readonly { readonly id: string }[];
}

function nameOf({ fields }: RecordAnswer, primary: string): string {
  const value = fields[primary];
  return typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : 'Unnamed row';
}

export class LinkNames {
  readonly #names = new Map<string, Map<string, string | null>>();
  readonly #wanted = new Map<string, Set<string>>();
  readonly #primaries = new Map<string, Promise<string>>();
  readonly #readings = new Map<string, Reading>();
  readonly #queues = new Map<string, Promise<void>>();
  readonly #listeners = new Set<() => void>();
  #gathering = false;

  /** Calls `listener` when names have come in. Returns the way to stop. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Returns a row's name; `undefined` while it is fetched, `null` when it cannot be had. */
  readonly name = (list: string, row: string): string | null | undefined => {
    const known = this.#names.get(list)?.get(row);
    if (known === undefined) this.#want(list, row);
    return known;
  };

  /** Returns the row with this name (case does not matter), among those known. */
  readonly find = (list: string, name: string): string | undefined => {
    for (const [row, known] of this.#names.get(list) ?? []) if (known?.toLowerCase() === name.toLowerCase()) return row;
    return undefined;
  };

  /** Finds rows by a text in them; the first rows for an empty text. Throws as `call` does. */
  async search(list: string, text: string, signal: AbortSignal): Promise<readonly FoundRow[]> {
    const primary = await this.#primary(list);
    const query = new URLSearchParams({ field_keys: 'id', fields: primary, limit: String(SEARCH_ROWS), ...(text ? { search: text } : {}) });
    const { items } = await call<RecordPage>(`/api/lists/${list}/records?${query}`, { signal });
    const found = items.map((record) => ({ row: record.id, name: nameOf(record, primary) }));
    this.#learn(list, found);
    return found;
  }

  #want(list: string, row: string): void {
    const rows = this.#wanted.get(list) ?? new Set();
    this.#wanted.set(list, rows.add(row));
    if (this.#gathering) return;
    this.#gathering = true;
    setTimeout(() => {
      this.#gathering = false;
      for (const [wanted, ids] of this.#wanted) this.#enqueue(wanted, [...ids]);
      this.#wanted.clear();
    }, GATHER_MS);
  }

  /** One reader per list at a time: what is asked for meanwhile may be answered by the pages under way. */
  #enqueue(list: string, rows: readonly string[]): void {
    const before = this.#queues.get(list) ?? Promise.resolve();
    this.#queues.set(list, before.then(() => this.#resolve(list, rows)));
  }

  /** A list that cannot be read names none of its rows; the cells say so. */
  async #resolve(list: string, rows: readonly string[]): Promise<void> {
    try {
      const primary = await this.#primary(list);
      while (this.#missing(list, rows).length > 0 && (await this.#readPage(list, primary)));
      for (const row of this.#missing(list, rows)) await this.#readRow(list, row, primary);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      this.#learn(list, this.#missing(list, rows).map((row) => ({ row, name: null })));
    }
  }

  #missing(list: string, rows: readonly string[]): string[] {
    return rows.filter((row) => !this.#names.get(list)?.has(row));
  }

  /** Reads the next page of a list; tells whether there was one. */
  async #readPage(list: string, primary: string): Promise<boolean> {
    const reading = this.#readings.get(list) ?? { cursor: null, done: false };
    this.#readings.set(list, reading);
    if (reading.done) return false;
    const query = new URLSearchParams({ field_keys: 'id', fields: primary, limit: String(PAGE_ROWS) });
    if (reading.cursor) query.set('cursor', reading.cursor);
    const { items, next_cursor: next } = await call<RecordPage>(`/api/lists/${list}/records?${query}`);
    reading.cursor = next;
    reading.done = next === null;
    this.#learn(list, items.map((record) => ({ row: record.id, name: nameOf(record, primary) })));
    return true;
  }

  async #readRow(list: string, row: string, primary: string): Promise<void> {
    try {
      const record = await call<RecordAnswer>(`/api/lists/${list}/records/${row}?field_keys=id`);
      this.#learn(list, [{ row, name: nameOf(record, primary) }]);
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== NOT_FOUND) throw error;
      this.#learn(list, [{ row, name: null }]);
    }
  }

  #primary(list: string): Promise<string> {
    const known = this.#primaries.get(list);
    if (known) return known;
    const asked = call<ListAnswer>(`/api/lists/${list}`).then(({ primary, columns }) => primary ?? columns[0]?.id ?? '');
    this.#primaries.set(list, asked);
    asked.catch(() => this.#primaries.delete(list));
    return asked;
  }

  #learn(list: string, found: readonly { readonly row: string; readonly name: string | null }[]): void {
    const names = this.#names.get(list) ?? new Map<string, string | null>();
    this.#names.set(list, names);
    for (const { row, name } of found) names.set(row, name);
    for (const listener of this.#listeners) listener();
  }
}
