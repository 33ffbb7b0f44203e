/** The rows of the segments that have been read: what a list holds below its live edits, packed, a value made when it is asked for. */

import { type Block, Blocks, blockOf, cellOf, indexOf } from './blocks.ts';
import type { Json } from './json.ts';
import type { Batch } from './segment-reader.ts';

export class BaseRows {
  #blocks = new Blocks<Block>();
  #order = new Uint32Array();

  /** The handles of the rows, by (position, id); replaced when they change, never changed in place. */
  get order(): Uint32Array {
    return this.#order;
  }

  /** Returns the handle of a row, or -1. */
  find(row: string): number {
    return this.#blocks.find(row);
  }

  id(handle: number): string | undefined {
    return this.#blocks.id(handle);
  }

  positionAt(handle: number): string | undefined {
    return this.#blocks.position(handle);
  }

  has(row: string): boolean {
    return this.find(row) >= 0;
  }

  position(row: string): string | undefined {
    const handle = this.find(row);
    return handle < 0 ? undefined : this.positionAt(handle);
  }

  /** Returns the value that the row's segment holds for a column; `undefined` where it holds none. */
  value(row: string, column: string): Json | undefined {
    const handle = this.find(row);
    const block = handle < 0 ? undefined : this.#blocks.get(blockOf(handle));
    return block && cellOf(block, indexOf(handle), column);
  }

  /** Takes in what has been read; a row that an older segment held is now the newer one's. */
  take({ blocks, dropped, order }: Batch): void {
    for (const block of blocks) this.#blocks.put(block);
    for (const number of dropped) this.#blocks.drop(number);
    this.#order = order;
  }

  clear(): void {
    this.#blocks = new Blocks();
    this.#order = new Uint32Array();
  }
}
