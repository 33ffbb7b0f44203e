/**
 * The live edits of a list, merged: for every key the value of the newest generation that has it.
 *
 * Generations are nested maps named by decimal numbers; the server alone makes and deletes them. Lookups ask
 * the generations themselves, newest first; only what cannot be asked by key is indexed: which rows they
 * place and which elements each set-valued cell has ever had.
 *
 * A generation that was folded away is kept as it was until `release`: what it held stands in segments that are still
 * to be read, and nobody shall see the values before it in between.
 */

import * as Y from 'yjs';

import type { Json } from './json.ts';
import { parseKey } from './keys.ts';

export type Generations = Y.Map<Y.Map<Json>>;

type Generation = Pick<ReadonlyMap<string, Json>, 'get' | 'keys'>;

const NO_ELEMENTS: ReadonlySet<string> = new Set();
const NAME = /^[1-9][0-9]*$/;

export class Overlay {
  readonly #root: Generations;
  #newest: Y.Map<Json> | null = null;
  #numbers: readonly number[] = [];
  /** Newest first, those folded away included. */
  #generations: readonly Generation[] = [];
  readonly #folded = new Map<number, Generation>();
  readonly #placed = new Set<string>();
  readonly #elements = new Map<string, Set<string>>();

  constructor(root: Generations) {
    this.#root = root;
    this.reindex();
  }

  /** The generation that clients write into, or `null` before the first sync. */
  get newest(): Y.Map<Json> | null {
    return this.#newest;
  }

  /** The numbers of the generations, newest first. */
  get numbers(): readonly number[] {
    return this.#numbers;
  }

  /** Every row that some key places or puts into the trash, or did. */
  get placed(): ReadonlySet<string> {
    return this.#placed;
  }

  /** Returns the newest value of `key`; `undefined` where no generation has it. */
  get(key: string): Json | undefined {
    for (const generation of this.#generations) {
      const value = generation.get(key);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  /** Every element that a key has ever named in a cell, in it or removed from it. */
  elements(row: string, column: string): ReadonlySet<string> {
    return this.#elements.get(`${row}:${column}`) ?? NO_ELEMENTS;
  }

  /** Takes a key into the index; keys are never taken out, since lookups ask the generations. */
  note(key: string): void {
    const place = parseKey(key);
    if (place?.kind === 'row' || place?.kind === 'trash') this.#placed.add(place.row);
    if (place?.kind !== 'element') return;
    const cell = `${place.row}:${place.column}`;
    const elements = this.#elements.get(cell);
    if (elements) elements.add(place.element);
    else this.#elements.set(cell, new Set([place.element]));
  }

  /** Keeps the generations that an event of the root says were deleted. To be called before its transaction ends. */
  keep(event: Y.YMapEvent<unknown>): void {
    for (const [name, { action, oldValue }] of event.changes.keys) {
      if (action === 'delete' && NAME.test(name) && oldValue instanceof Y.Map) this.#folded.set(Number(name), deletedBy(event, oldValue));
    }
  }

  /** Lets go of the generations that were folded away. Tells whether there were any. */
  release(): boolean {
    if (this.#folded.size === 0) return false;
    this.#folded.clear();
    this.reindex();
    return true;
  }

  /** Builds the index anew: at the start, and when a generation appeared or was folded away. */
  reindex(): void {
    const standing = new Map<number, Y.Map<Json>>();
    for (const [name, map] of this.#root.entries()) if (NAME.test(name) && map instanceof Y.Map) standing.set(Number(name), map);
    this.#numbers = [...standing.keys()].toSorted((left, right) => right - left);
    this.#newest = standing.get(this.#numbers[0] ?? 0) ?? null;
    this.#generations = [...new Map<number, Generation>([...this.#folded, ...standing])]
      .toSorted(([left], [right]) => right - left)
      .map(([, generation]) => generation);
    this.#placed.clear();
    this.#elements.clear();
    for (const generation of this.#generations) for (const key of generation.keys()) this.note(key);
  }
}

/** What a map held until the transaction of `event` deleted it; the transaction's end empties it. */
function deletedBy(event: Y.YMapEvent<unknown>, map: Y.Map<Json>): Generation {
  const held = new Map<string, Json>();
  for (const [key, item] of map._map) if (event.deletes(item)) held.set(key, item.content.getContent()[item.length - 1] as Json);
  return held;
}
