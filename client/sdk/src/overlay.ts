/**
 * The live edits of a list, merged: for every key the value of the newest generation that has it.
 *
 * Generations are nested maps named by decimal numbers; the server alone makes and deletes them. Lookups ask
 * the generations themselves, newest first; only what cannot be asked by key is indexed: which rows they
 * mention and which elements each set-valued cell has ever had.
 */

import * as Y from 'yjs';

import type { Json } from './json.ts';
import { parseKey } from './keys.ts';

export type Generations = Y.Map<Y.Map<Json>>;

const NO_ELEMENTS: ReadonlySet<string> = new Set();

export class Overlay {
  readonly #root: Generations;
  #generations: readonly Y.Map<Json>[] = [];
  #numbers: readonly number[] = [];
  readonly #rows = new Set<string>();
  readonly #elements = new Map<string, Set<string>>();

  constructor(root: Generations) {
    this.#root = root;
    this.reindex();
  }

  /** The generation that clients write into, or `null` before the first sync. */
  get newest(): Y.Map<Json> | null {
    return this.#generations[0] ?? null;
  }

  /** The numbers of the generations, newest first. */
  get numbers(): readonly number[] {
    return this.#numbers;
  }

  /** Every row that some key speaks about, shown or not. */
  get rows(): ReadonlySet<string> {
    return this.#rows;
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
    if (place === null) return;
    this.#rows.add(place.row);
    if (place.kind !== 'element') return;
    const cell = `${place.row}:${place.column}`;
    const elements = this.#elements.get(cell);
    if (elements) elements.add(place.element);
    else this.#elements.set(cell, new Set([place.element]));
  }

  /** Builds the index anew: at the start, and when a generation appeared or was folded away. */
  reindex(): void {
    const found = [...this.#root.entries()]
      .filter(([name, map]) => /^[1-9][0-9]*$/.test(name) && map instanceof Y.Map)
      .toSorted(([left], [right]) => Number(right) - Number(left));
    this.#generations = found.map(([, map]) => map);
    this.#numbers = found.map(([name]) => Number(name));
    this.#rows.clear();
    this.#elements.clear();
    for (const generation of this.#generations) for (const key of generation.keys()) this.note(key);
  }
}
