/** The order in which a list's rows are shown: by (position, id), kept sorted while rows come and go. */

import { comparePlaces } from './positions.ts';

/** Above this many changes at once, sorting everything is cheaper than inserting one by one. */
const INSERTS_MAX = 64;

export class RowOrder {
  readonly #positions = new Map<string, string>();
  #sorted: string[] = [];
  #stale = false;

  get length(): number {
    return this.#positions.size;
  }

  /** The ids in order. The array is replaced when the order changes, never changed in place. */
  get ids(): readonly string[] {
    if (this.#stale) {
      const places = [...this.#positions];
      places.sort(([left, position], [right, other]) => comparePlaces(position, left, other, right));
      this.#sorted = places.map(([row]) => row);
      this.#stale = false;
    }
    return this.#sorted;
  }

  position(row: string): string | null {
    return this.#positions.get(row) ?? null;
  }

  /** Returns the index of a row, or -1. */
  indexOf(row: string): number {
    const index = this.#search(row);
    return this.ids[index] === row ? index : -1;
  }

  /** Places rows (`null` = not shown). Tells whether anything changed. */
  place(changes: ReadonlyMap<string, string | null>): boolean {
    const real = [...changes].filter(([row, position]) => this.position(row) !== position);
    if (real.length === 0) return false;
    if (real.length > INSERTS_MAX) this.#stale = true;
    const sorted = this.#stale ? null : [...this.#sorted];
    for (const [row, position] of real) {
      if (sorted && this.#positions.has(row)) sorted.splice(this.#search(row, sorted), 1);
      if (position === null) this.#positions.delete(row);
      else this.#positions.set(row, position);
      if (sorted && position !== null) sorted.splice(this.#search(row, sorted), 0, row);
    }
    if (sorted) this.#sorted = sorted;
    return true;
  }

  /** First index at which `row` could stand; only rows that have a position are compared. */
  #search(row: string, ids: readonly string[] = this.ids): number {
    let low = 0;
    let high = ids.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compare(ids[middle] ?? '', row) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #compare(left: string, right: string): number {
    return comparePlaces(this.#positions.get(left) ?? '', left, this.#positions.get(right) ?? '', right);
  }
}
