/**
 * Reads the segments of a list and keeps the order of their rows. It stands in a worker, or on the caller's thread where
 * there is none (`segment-port.ts`): pure steps, so that whoever drives it decides about the pace.
 *
 * 1. What is added alone comes in batches that double up to a bound: the first rows at once, a long list is not ordered anew
 *    for every segment, and whoever takes a batch in is not held by it. What replaces something comes in one batch with it: no row is missing, or there twice, in between.
 * 2. A segment is read once. What has been read stays as it is when others come and go.
 */

import { type Block, Blocks, type Places, blockOf, handleOf, packBlock } from './blocks.ts';
import { SegmentMalformed, decodeSegment } from './segments.ts';

/** Segments that have come into the list, and the ids of those that have left it. */
export interface SegmentsChange {
  readonly add: readonly (readonly [id: string, bytes: Uint8Array])[];
  readonly drop: readonly string[];
}

/** What has been read. */
export interface Batch {
  readonly blocks: readonly Block[];
  readonly unreadable: readonly string[];
  /** Numbers of blocks that are gone. */
  readonly dropped: readonly number[];
  /** The handles of all rows, in order. */
  readonly order: Uint32Array<ArrayBuffer>;
  /** Nothing more comes of the change that it belongs to. */
  readonly last: boolean;
}

const BATCH_SEGMENTS_MAX = 32;

export class SegmentReader {
  readonly #blocks = new Blocks<Places>();
  readonly #numbers = new Map<string, number>();
  #count = 0;
  #order = new Uint32Array();

  /** Carries a change out, a segment at a step; a step gives a batch or `null`. */
  *read({ add, drop }: SegmentsChange): Generator<Batch | null, void, undefined> {
    let [blocks, unreadable, room]: [Block[], string[], number] = [[], [], 1];
    for (const [at, [id, bytes]] of add.entries()) {
      const block = this.#unpack(id, bytes);
      if (block) blocks.push(block);
      else unreadable.push(id);
      const full = drop.length === 0 && blocks.length + unreadable.length >= room && at < add.length - 1;
      yield full ? { ...this.#batch(blocks, unreadable, []), last: false } : null;
      if (full) [blocks, unreadable, room] = [[], [], Math.min(room * 2, BATCH_SEGMENTS_MAX)];
    }
    yield { ...this.#batch(blocks, unreadable, drop), last: true };
  }

  #unpack(id: string, bytes: Uint8Array): Block | null {
    try {
      const block = packBlock(this.#count, id, decodeSegment(bytes));
      this.#count += 1;
      return block;
    } catch (error) {
      if (error instanceof SegmentMalformed) return null;
      throw error;
    }
  }

  #batch(blocks: readonly Block[], unreadable: readonly string[], drop: readonly string[]): Omit<Batch, 'last'> {
    const gone = new Set<number>();
    for (const { number, segment, ids, positions, hashes } of blocks) {
      this.#numbers.set(segment, number);
      for (const handle of this.#blocks.put(copied({ number, ids, positions, hashes }))) gone.add(handle);
    }
    const dropped = drop.flatMap((id) => this.#numbers.get(id) ?? []);
    for (const id of drop) this.#numbers.delete(id);
    this.#arrange(blocks, gone, new Set(dropped));
    for (const number of dropped) this.#blocks.drop(number);
    return { blocks, unreadable, dropped, order: this.#order.slice() };
  }

  /** Puts new rows into the order and takes out those that are gone. */
  #arrange(blocks: readonly Block[], gone: ReadonlySet<number>, dropped: ReadonlySet<number>): void {
    let runs = blocks.map((block) => this.#run(block));
    while (runs.length > 1) {
      runs = Array.from({ length: Math.ceil(runs.length / 2) }, (_, pair) => this.#merge(runs[pair * 2], runs[pair * 2 + 1]));
    }
    const order = this.#merge(this.#order, runs[0]);
    this.#order = gone.size + dropped.size === 0 ? order : order.filter((handle) => !gone.has(handle) && !dropped.has(blockOf(handle)));
  }

  /** The rows of a block in order, as most are already. */
  #run({ number, hashes }: Block): Uint32Array<ArrayBuffer> {
    const run = Uint32Array.from(hashes, (_, index) => handleOf(number, index));
    const sorted = run.every((handle, index) => index === 0 || this.#before(run[index - 1], handle));
    return sorted ? run : run.sort((left, right) => this.#blocks.compare(left, right));
  }

  #before(left: number | undefined, right: number | undefined): boolean {
    return left === undefined || right === undefined || this.#blocks.compare(left, right) < 0;
  }

  #merge(left: Uint32Array<ArrayBuffer> = new Uint32Array(), right: Uint32Array<ArrayBuffer> = new Uint32Array()): Uint32Array<ArrayBuffer> {
    const merged = new Uint32Array(left.length + right.length);
    if (this.#before(left.at(-1), right[0])) return join(merged, left, right);
    if (this.#before(right.at(-1), left[0])) return join(merged, right, left);
    let [from, other] = [0, 0];
    for (let to = 0; to < merged.length; to += 1) {
      const [next, rival] = [left[from], right[other]];
      const first = rival === undefined || (next !== undefined && this.#blocks.compare(next, rival) <= 0);
      merged[to] = (first ? next : rival) ?? 0;
      if (first) from += 1;
      else other += 1;
    }
    return merged;
  }
}

function join(merged: Uint32Array<ArrayBuffer>, first: Uint32Array, second: Uint32Array): Uint32Array<ArrayBuffer> {
  merged.set(first);
  merged.set(second, first.length);
  return merged;
}

/** The reader keeps its own: a batch's buffers may be moved to another thread. */
function copied({ number, ids, positions, hashes }: Places): Places {
  const copy = (texts: Places['ids']): Places['ids'] => ({ bytes: texts.bytes.slice(), ends: texts.ends.slice() });
  return { number, ids: copy(ids), positions: copy(positions), hashes: hashes.slice() };
}
