/** What the person does to a list, as steps of changes: one function per deed. Pure but for new ids. */

import {
  type Change,
  type Column,
  type Json,
  type ListDocument,
  type Role,
  addRow,
  allows,
  isComputed,
  type Neighbour,
  REACH,
  newId,
  moveRow,
  place,
  setCell,
} from '@rowhouse/sdk';

import { type Reading, parseText } from '../cells/parse.ts';
import { type Rectangle, cellsOf, pasteTarget, pastedText } from '../grid/ranges.ts';

/** Tells whether a person with this role may edit a column's cells. */
export function isEditable(column: Column, role: Role | null): boolean {
  return role !== null && column.type !== 'attachment' && whyNotEditable(column, role) === null;
}

/** The reason for which the server would refuse an edit of a column's cells; `null` where it would not, or nobody knows. */
export function whyNotEditable(column: Column, role: Role | null): string | null {
  if (role === null) return null;
  if (!allows(role, 'rows.edit')) return 'role';
  if (isComputed(column.type)) return 'computed_column';
  return column.locked && !allows(role, 'locked_columns.edit') ? 'locked_column' : null;
}

export interface NewRow {
  readonly row: string;
  readonly step: readonly Change[];
}

/** A new row at index `at` of the rows shown; past the last one it goes to the end. */
export function insertRow(document: ListDocument, at: number): NewRow {
  const { rows, step } = newRows(document, at, 1);
  return { row: rows[0] ?? '', step };
}

function newRows(document: ListDocument, at: number, count: number): { readonly rows: readonly string[]; readonly step: readonly Change[] } {
  if (count === 0) return { rows: [], step: [] };
  const rows = Array.from({ length: count }, () => newId());
  const { positions, moved } = place(count, ...neighbours(document, at, NOBODY), Math.random);
  const step = rows.flatMap((row, index) => addRow(row, positions[index] ?? ''));
  for (const [row, position] of moved) step.push(moveRow(document, row, position));
  return { rows, step };
}

/** Moves rows, in the order in which they are shown, to index `at` of the rows shown; nothing where they stand there already. */
export function moveRows(document: ListDocument, wanted: readonly string[], at: number): Change[] {
  const places = wanted.map((row) => document.rows.indexOf(row)).filter((index) => index >= 0).toSorted((left, right) => left - right);
  const [first, last] = [places[0], places.at(-1)];
  if (first === undefined || last === undefined) return [];
  if (last - first === places.length - 1 && at >= first && at <= last + 1) return [];
  const rows = places.map((index) => document.rows.at(index) ?? '');
  const { positions, moved } = place(rows.length, ...neighbours(document, at, new Set(rows)), Math.random);
  return [
    ...rows.map((row, index) => moveRow(document, row, positions[index] ?? '')),
    ...[...moved].map(([row, position]) => moveRow(document, row, position)),
  ];
}

/** Moves rows one up or down, together: nothing where the first, or the last of them, stands at that end already. */
export function carryRows(document: ListDocument, rows: readonly string[], step: 1 | -1): Change[] {
  const places = rows.map((row) => document.rows.indexOf(row)).filter((index) => index >= 0);
  const at = step < 0 ? Math.min(...places) - 1 : Math.max(...places) + 2;
  return at < 0 || at > document.rows.length ? [] : moveRows(document, rows, at);
}

const NOBODY: ReadonlySet<string> = new Set();

/** The rows before and after a place among the rows shown, nearest first, but for those that leave theirs. */
function neighbours({ rows }: ListDocument, at: number, leaving: ReadonlySet<string>): [Neighbour[], Neighbour[]] {
  const look = (from: number, step: number): Neighbour[] => {
    const found: Neighbour[] = [];
    for (let index = from; found.length < REACH; index += step) {
      const row = rows.at(index);
      if (row === undefined) break;
      if (!leaving.has(row)) found.push([row, rows.position(row) ?? '']);
    }
    return found;
  };
  const here = Math.min(at, rows.length);
  return [look(here - 1, -1), look(here, 1)];
}

/** What a rectangle and an edit of it need to know about the list on screen. */
export interface Board {
  readonly document: ListDocument;
  readonly columns: readonly Column[];
  readonly role: Role | null;
}

/** Clears the cells that may be edited. */
export function clearCells({ document, columns, role }: Board, rectangle: Rectangle): Change[] {
  const changes: Change[] = [];
  for (const [x, y] of cellsOf(rectangle)) {
    const [column, row] = [columns[x], document.rows.at(y)];
    if (column && row && isEditable(column, role)) changes.push(...setCell(document, row, column, emptyOf(column)));
  }
  return changes;
}

function emptyOf({ type }: Column): Json {
  return type === 'checkbox' ? false : null;
}

export interface Pasting {
  readonly step: readonly Change[];
  readonly target: Rectangle;
  /** Cells left as they were: read-only columns, and texts that do not fit. */
  readonly skipped: number;
  readonly addedRows: number;
}

/** Pastes texts from the clipboard at a selection; rows beyond the end are added. */
export function pasteCells(board: Board, selection: Rectangle, texts: readonly (readonly string[])[], reading: Reading): Pasting {
  const { document, columns, role } = board;
  const target = pasteTarget(selection, texts);
  const added = newRows(document, document.rows.length, Math.max(0, target.y + target.height - document.rows.length));
  const changes = [...added.step];
  let skipped = 0;
  for (const [x, y] of cellsOf(target)) {
    const [column, row] = [columns[x], document.rows.at(y) ?? added.rows[y - document.rows.length]];
    if (!column || !row) continue;
    const parsed = isEditable(column, role) ? parseText(column, pastedText(texts, x - target.x, y - target.y), reading) : null;
    if (parsed?.kind === 'value') changes.push(...setCell(document, row, column, parsed.value));
    else skipped += 1;
  }
  const width = Math.min(target.width, columns.length - target.x);
  return { step: changes, target: { ...target, width }, skipped, addedRows: added.rows.length };
}
