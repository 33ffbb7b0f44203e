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
  newId,
  positionBetween,
  positionsBetween,
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
export function insertRow({ rows }: ListDocument, at: number): NewRow {
  const position = (index: number): string | null => rows.position(rows.at(index) ?? '');
  const row = newId();
  return { row, step: addRow(row, positionBetween(position(Math.min(at, rows.length) - 1), position(at))) };
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
  const added = newRows(document, Math.max(0, target.y + target.height - document.rows.length));
  const changes = added.flatMap(({ step }) => step);
  let skipped = 0;
  for (const [x, y] of cellsOf(target)) {
    const [column, row] = [columns[x], document.rows.at(y) ?? added[y - document.rows.length]?.row];
    if (!column || !row) continue;
    const parsed = isEditable(column, role) ? parseText(column, pastedText(texts, x - target.x, y - target.y), reading) : null;
    if (parsed?.kind === 'value') changes.push(...setCell(document, row, column, parsed.value));
    else skipped += 1;
  }
  const width = Math.min(target.width, columns.length - target.x);
  return { step: changes, target: { ...target, width }, skipped, addedRows: added.length };
}

function newRows({ rows }: ListDocument, count: number): NewRow[] {
  const last = rows.position(rows.at(rows.length - 1) ?? '');
  return positionsBetween(last, null, count).map((position) => {
    const row = newId();
    return { row, step: addRow(row, position) };
  });
}
