/**
 * The order in which a list's rows are shown: by (position, id). The rows of the segments come in order already; those that
 * live edits have made, moved or trashed are put in between, or left out.
 *
 * A row is a handle here: the base's, or `LIVE` with the place in `live`. So a million rows are one buffer, and no text
 * is made of an id before somebody looks at it.
 */

import type { BaseRows } from './base-rows.ts';
import { comparePlaces } from './positions.ts';

/** Above this many changes at once, merging everything is cheaper than moving one by one. */
const MOVES_MAX = 64;
const LIVE = 0x80000000;

type Base = Pick<BaseRows, 'order' | 'find' | 'id' | 'positionAt' | 'position'>;

interface LiveRow {
  readonly row: string;
  readonly position: string;
}

/** The rows shown, as they were at one moment: replaced when the order changes, never changed. */
export class Rows {
  readonly #base: Base;
  readonly #live: readonly LiveRow[];
  readonly #sequence: Uint32Array;
  readonly #position: (row: string) => string | null;
  #ids: readonly string[] | null = null;

  constructor(base: Base, live: readonly LiveRow[], sequence: Uint32Array, position: (row: string) => string | null) {
    this.#base = base;
    this.#live = live;
    this.#sequence = sequence;
    this.#position = position;
  }

  get length(): number {
    return this.#sequence.length;
  }

  /** Returns the id of the row at an index; `undefined` where there is none. */
  at(index: number): string | undefined {
    const handle = this.#sequence[index];
    if (handle === undefined) return undefined;
    return handle >= LIVE ? this.#live[handle - LIVE]?.row : this.#base.id(handle);
  }

  /** All ids in order: a text for each row. */
  get ids(): readonly string[] {
    return (this.#ids ??= Array.from(this.#sequence, (_, index) => this.at(index) ?? ''));
  }

  /** Where a row stands now; `null` when it is not shown. */
  position(row: string): string | null {
    return this.#position(row);
  }

  /** Returns the index of a row, or -1. */
  indexOf(row: string): number {
    const position = this.#position(row);
    if (position === null) return -1;
    const index = lowerBound(this.#base, this.#live, this.#sequence, this.#sequence.length, { row, position });
    return this.at(index) === row ? index : -1;
  }
}

/** First index of `sequence` at which a row could stand. */
function lowerBound(base: Base, live: readonly LiveRow[], sequence: Uint32Array, length: number, place: LiveRow): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const handle = sequence[middle] ?? 0;
    const other = handle >= LIVE ? live[handle - LIVE] : null;
    const position = other ? other.position : (base.positionAt(handle) ?? '');
    const order = position === place.position
      ? comparePlaces('', other ? other.row : (base.id(handle) ?? ''), '', place.row)
      : comparePlaces(position, '', place.position, '');
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

export class RowOrder {
  readonly #base: Base;
  /** Rows that live edits place; `null` = in the trash. */
  readonly #placed = new Map<string, string | null>();
  /** Grows while rows move; a row that moved again has left its former place behind. */
  #live: LiveRow[] = [];
  #rows: Rows;
  #sequence = new Uint32Array();

  constructor(base: Base) {
    this.#base = base;
    this.#rows = this.#show();
  }

  /** The rows shown now. */
  get rows(): Rows {
    return this.#rows;
  }

  /** The rows that live edits place. */
  get placed(): Iterable<string> {
    return this.#placed.keys();
  }

  /** Says where live edits place rows: `null` = nowhere, `undefined` = they do not, the base does. Tells whether anything changed. */
  place(changes: ReadonlyMap<string, string | null | undefined>): boolean {
    const real = [...changes].filter(([row, position]) => this.#placed.get(row) !== position);
    if (real.length === 0) return false;
    if (real.length > MOVES_MAX) {
      for (const [row, position] of real) this.#note(row, position);
      this.merge();
    } else {
      this.#move(real);
    }
    return true;
  }

  /** Merges everything anew: the base has changed. */
  merge(): void {
    const base = this.#base.order;
    const gone: number[] = [];
    this.#live = [];
    for (const [row, position] of this.#placed) {
      const index = this.#indexInBase(row);
      if (index >= 0) gone.push(index);
      if (position !== null) this.#live.push({ row, position });
    }
    gone.sort((left, right) => left - right);
    this.#live.sort((left, right) => comparePlaces(left.position, left.row, right.position, right.row));
    const merged = new Merging(base, gone, this.#live.length);
    for (const [index, place] of this.#live.entries()) merged.insert(lowerBound(this.#base, [], base, base.length, place), LIVE + index);
    this.#sequence = merged.finish();
    this.#rows = this.#show();
  }

  #note(row: string, position: string | null | undefined): void {
    if (position === undefined) this.#placed.delete(row);
    else this.#placed.set(row, position);
  }

  #move(changes: readonly (readonly [row: string, position: string | null | undefined])[]): void {
    const sequence = new Uint32Array(this.#sequence.length + changes.length);
    sequence.set(this.#sequence);
    let { length } = this.#sequence;
    const find = (place: LiveRow): number => lowerBound(this.#base, this.#live, sequence, length, place);
    for (const [row, change] of changes) {
      const before = this.#positionOf(row);
      if (before !== null) {
        const index = find({ row, position: before });
        sequence.copyWithin(index, index + 1, length);
        length -= 1;
      }
      this.#note(row, change);
      const position = this.#positionOf(row);
      if (position === null) continue;
      const index = find({ row, position });
      sequence.copyWithin(index + 1, index, length);
      sequence[index] = change === undefined ? this.#base.find(row) : LIVE + this.#live.push({ row, position }) - 1;
      length += 1;
    }
    this.#sequence = sequence.subarray(0, length);
    this.#rows = this.#show();
  }

  #positionOf(row: string): string | null {
    const placed = this.#placed.get(row);
    return placed === undefined ? (this.#base.position(row) ?? null) : placed;
  }

  #indexInBase(row: string): number {
    const handle = this.#base.find(row);
    const position = handle < 0 ? undefined : this.#base.positionAt(handle);
    if (position === undefined) return -1;
    return lowerBound(this.#base, [], this.#base.order, this.#base.order.length, { row, position });
  }

  #show(): Rows {
    return new Rows(this.#base, this.#live, this.#sequence, (row) => this.#positionOf(row));
  }
}

/** Writes a base with rows left out and others put in between; both in ascending order. */
class Merging {
  readonly #base: Uint32Array;
  readonly #gone: readonly number[];
  readonly #merged: Uint32Array<ArrayBuffer>;
  #from = 0;
  #to = 0;
  #left = 0;

  constructor(base: Uint32Array, gone: readonly number[], inserted: number) {
    this.#base = base;
    this.#gone = gone;
    this.#merged = new Uint32Array(base.length - gone.length + inserted);
  }

  insert(at: number, handle: number): void {
    this.#copy(at);
    this.#merged[this.#to] = handle;
    this.#to += 1;
  }

  finish(): Uint32Array<ArrayBuffer> {
    this.#copy(this.#base.length);
    return this.#merged;
  }

  #copy(until: number): void {
    for (let next = this.#gone[this.#left]; next !== undefined && next < until; next = this.#gone[this.#left]) {
      this.#take(next);
      this.#from = next + 1;
      this.#left += 1;
    }
    this.#take(until);
  }

  #take(until: number): void {
    if (until <= this.#from) return;
    this.#merged.set(this.#base.subarray(this.#from, until), this.#to);
    this.#to += until - this.#from;
    this.#from = until;
  }
}
