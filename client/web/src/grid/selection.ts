/** The grid's selection: which rows and cells it means, and keeping it on the same row while rows move. */

import { CompactSelection, type GridSelection } from '@glideapps/glide-data-grid';
import type { Rows } from '@rowhouse/sdk';

import type { Rectangle } from './ranges.ts';

export const NO_SELECTION: GridSelection = { columns: CompactSelection.empty(), rows: CompactSelection.empty() };

/** Selects one cell. */
export function oneCell(column: number, row: number): GridSelection {
  return { ...NO_SELECTION, current: { cell: [column, row], range: { x: column, y: row, width: 1, height: 1 }, rangeStack: [] } };
}

/** Selects a rectangle, with its first cell as the current one. */
export function rectangle(range: Rectangle): GridSelection {
  return { ...NO_SELECTION, current: { cell: [range.x, range.y], range, rangeStack: [] } };
}

/** Lists the rows that a selection means: marked rows, else those that its range covers. */
export function rowsOf({ rows, current }: GridSelection): number[] {
  if (rows.length > 0) return rows.toArray();
  return current ? Array.from({ length: current.range.height }, (_, index) => current.range.y + index) : [];
}

/** Lists the rectangles of cells that a selection means. */
export function rectanglesOf({ rows, columns, current }: GridSelection, columnCount: number, rowCount: number): Rectangle[] {
  if (rows.length > 0) return rows.toArray().map((y) => ({ x: 0, y, width: columnCount, height: 1 }));
  if (columns.length > 0) return columns.toArray().map((x) => ({ x, y: 0, width: 1, height: rowCount }));
  return current ? [current.range, ...current.rangeStack] : [];
}

/** Marks the rows that were marked while the rows stood in another order; those that are gone are not marked any more. */
export function marksKept(marks: CompactSelection, before: Pick<Rows, 'at'>, now: Pick<Rows, 'indexOf'>): CompactSelection {
  const kept = marks.toArray().map((y) => now.indexOf(before.at(y) ?? ''));
  return CompactSelection.fromArray(kept.filter((y) => y >= 0).toSorted((one, other) => one - other));
}

/** Moves the selection down by `by` rows (negative = up): rows above it came or went. */
export function shifted(selection: GridSelection, by: number): GridSelection {
  const { current } = selection;
  if (!current || by === 0) return selection;
  const move = (range: Rectangle): Rectangle => ({ ...range, y: range.y + by });
  return {
    ...selection,
    current: { cell: [current.cell[0], current.cell[1] + by], range: move(current.range), rangeStack: current.rangeStack.map(move) },
  };
}
