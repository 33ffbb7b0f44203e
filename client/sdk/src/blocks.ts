/**
 * Blocks: the rows of one segment each, packed; and finding a row among all blocks by its id.
 *
 * A row is called by its *handle*, a number: the block's, then the row's place in it. Blocks are numbered as they are
 * read and no number is used twice.
 */

import type { Json } from './json.ts';
import { type PackedColumn, type PackedTexts, compareTexts, isTextAt, packColumn, packTexts, textAt, valueAt } from './packed.ts';
import type { Segment } from './segments.ts';

export interface Block {
  readonly number: number;
  readonly segment: string;
  readonly ids: PackedTexts;
  readonly positions: PackedTexts;
  /** A hash of each id. */
  readonly hashes: Uint32Array<ArrayBuffer>;
  readonly columns: readonly string[];
  readonly values: readonly PackedColumn[];
}

/** A block without its values: enough to order rows. */
export type Places = Pick<Block, 'number' | 'ids' | 'positions' | 'hashes'>;

const INDEX_BITS = 10;
const INDEX_MASK = (1 << INDEX_BITS) - 1;

export const handleOf = (block: number, index: number): number => (block << INDEX_BITS) | index;
export const blockOf = (handle: number): number => handle >>> INDEX_BITS;
export const indexOf = (handle: number): number => handle & INDEX_MASK;

/** FNV-1a of an id. */
function hash(id: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < id.length; at += 1) value = Math.imul(value ^ id.charCodeAt(at), 0x01000193);
  return value >>> 0;
}

export function packBlock(number: number, segment: string, { columns, rows }: Segment): Block {
  return {
    number,
    segment,
    ids: packTexts(rows.map(([row]) => row)),
    positions: packTexts(rows.map(([, position]) => position)),
    hashes: Uint32Array.from(rows, ([row]) => hash(row)),
    columns,
    values: columns.map((_, at) => packColumn(rows.map((row) => row[at + 2] as Json))),
  };
}

/** The buffers of a block, to be moved to another thread. */
export function buffersOf({ ids, positions, hashes, values }: Block): ArrayBuffer[] {
  const packed = values.flatMap((column): ArrayBuffer[] => {
    if (column.kind === 'numbers') return [column.numbers.buffer];
    return column.kind === 'codes' ? [column.codes.buffer] : [column.texts.bytes.buffer, column.texts.ends.buffer];
  });
  return [ids.bytes.buffer, ids.ends.buffer, positions.bytes.buffer, positions.ends.buffer, hashes.buffer, ...packed];
}

const FREE = 0;
const GONE = 0xffffffff;
const SLOTS_MIN = 2_048;

/** Blocks by number, and their rows by id: an open hash table of handles, half full at most. */
export class Blocks<Held extends Places> {
  readonly #blocks = new Map<number, Held>();
  /** A handle plus one, `FREE`, or `GONE`. */
  #slots = new Uint32Array(SLOTS_MIN);
  #taken = 0;

  get(number: number): Held | undefined {
    return this.#blocks.get(number);
  }

  all(): IterableIterator<Held> {
    return this.#blocks.values();
  }

  id(handle: number): string | undefined {
    const block = this.#blocks.get(blockOf(handle));
    return block && textAt(block.ids, indexOf(handle));
  }

  position(handle: number): string | undefined {
    const block = this.#blocks.get(blockOf(handle));
    return block && textAt(block.positions, indexOf(handle));
  }

  /** Compares two rows by (position, id). */
  compare(left: number, right: number): number {
    const [block, other] = [this.#blocks.get(blockOf(left)), this.#blocks.get(blockOf(right))];
    if (!block || !other) throw new RangeError('no such block');
    const [index, place] = [indexOf(left), indexOf(right)];
    return compareTexts(block.positions, index, other.positions, place) || compareTexts(block.ids, index, other.ids, place);
  }

  /** Returns the handle of a row, or -1. */
  find(id: string): number {
    const slots = this.#slots;
    const wanted = hash(id);
    for (let at = wanted & (slots.length - 1); slots[at] !== FREE; at = (at + 1) & (slots.length - 1)) {
      const handle = (slots[at] ?? 0) - 1;
      const block = slots[at] === GONE ? undefined : this.#blocks.get(blockOf(handle));
      if (block?.hashes[indexOf(handle)] === wanted && isTextAt(block.ids, indexOf(handle), id)) return handle;
    }
    return -1;
  }

  /** Takes a block in. A row that an older block held is now this one's; returns the handles that it had. */
  put(block: Held): number[] {
    this.#blocks.set(block.number, block);
    this.#makeRoom(block.hashes.length);
    const superseded: number[] = [];
    for (let index = 0; index < block.hashes.length; index += 1) {
      const before = this.#enter(block, index);
      if (before >= 0) superseded.push(before);
    }
    return superseded;
  }

  /** Forgets a block and the rows that no later block has taken over. */
  drop(number: number): void {
    const block = this.#blocks.get(number);
    if (!block) return;
    const slots = this.#slots;
    for (const [index, wanted] of block.hashes.entries()) {
      const entry = handleOf(number, index) + 1;
      let at = wanted & (slots.length - 1);
      while (slots[at] !== FREE && slots[at] !== entry) at = (at + 1) & (slots.length - 1);
      if (slots[at] === entry) slots[at] = GONE;
    }
    this.#blocks.delete(number);
  }

  /** Enters one row and returns the handle that its id had before, or -1. */
  #enter(block: Held, index: number): number {
    const slots = this.#slots;
    const wanted = block.hashes[index] ?? 0;
    let at = wanted & (slots.length - 1);
    for (; slots[at] !== FREE; at = (at + 1) & (slots.length - 1)) {
      const handle = (slots[at] ?? 0) - 1;
      const other = slots[at] === GONE ? undefined : this.#blocks.get(blockOf(handle));
      if (other?.hashes[indexOf(handle)] !== wanted || compareTexts(other.ids, indexOf(handle), block.ids, index) !== 0) continue;
      slots[at] = handleOf(block.number, index) + 1;
      return handle;
    }
    slots[at] = handleOf(block.number, index) + 1;
    this.#taken += 1;
    return -1;
  }

  #makeRoom(rows: number): void {
    if ((this.#taken + rows) * 2 <= this.#slots.length) return;
    const entries = this.#slots.filter((entry) => entry !== FREE && entry !== GONE);
    let length = this.#slots.length;
    while ((entries.length + rows) * 2 > length) length *= 2;
    const slots = (this.#slots = new Uint32Array(length));
    this.#taken = entries.length;
    for (const entry of entries) {
      let at = (this.#blocks.get(blockOf(entry - 1))?.hashes[indexOf(entry - 1)] ?? 0) & (length - 1);
      while (slots[at] !== FREE) at = (at + 1) & (length - 1);
      slots[at] = entry;
    }
  }
}

/** Returns value `index` of a block for a column; `undefined` where it holds none. */
export function cellOf(block: Block, index: number, column: string): Json | undefined {
  const values = block.values[block.columns.indexOf(column)];
  return values && valueAt(values, index);
}
