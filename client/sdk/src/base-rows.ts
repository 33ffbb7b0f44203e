/** The rows of the inflated segments: what a list holds below its live edits. */

import type { Json } from './json.ts';
import type { Segment } from './segments.ts';

interface BaseRow {
  readonly segment: string;
  readonly position: string;
  readonly values: readonly Json[];
  readonly columns: ReadonlyMap<string, number>;
}

export class BaseRows {
  readonly #rows = new Map<string, BaseRow>();
  readonly #segments = new Map<string, readonly string[]>();

  /** Ids of the segments held. */
  get segments(): ReadonlySet<string> {
    return new Set(this.#segments.keys());
  }

  rows(): Iterable<string> {
    return this.#rows.keys();
  }

  has(row: string): boolean {
    return this.#rows.has(row);
  }

  position(row: string): string | undefined {
    return this.#rows.get(row)?.position;
  }

  /** Returns the value that the row's segment holds for a column; `undefined` where it holds none. */
  value(row: string, column: string): Json | undefined {
    const found = this.#rows.get(row);
    const index = found?.columns.get(column);
    return index === undefined ? undefined : found?.values[index];
  }

  /** Takes the rows of a segment in; a row that an older segment held is now this one's. */
  put(id: string, segment: Segment): void {
    const columns = new Map(segment.columns.map((column, index) => [column, index]));
    for (const { row, position, values } of segment.rows) this.#rows.set(row, { segment: id, position, values, columns });
    this.#segments.set(id, segment.rows.map(({ row }) => row));
  }

  /** Forgets a superseded segment and the rows that no later segment took over. */
  drop(id: string): void {
    for (const row of this.#segments.get(id) ?? []) if (this.#rows.get(row)?.segment === id) this.#rows.delete(row);
    this.#segments.delete(id);
  }
}
