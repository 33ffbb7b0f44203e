/** What the person's hand does on the grid: keys, clicks, paste and clear, as small functions over one record. */

import { type DataEditorRef, type EditableGridCell, type GridCell, GridCellKind, type GridKeyEventArgs, type Item } from '@glideapps/glide-data-grid';
import { type Change, type Cursor, type Json, type Kept, type Rows, cellKey, setCell } from '@rowhouse/sdk';
import type { RefObject } from 'react';

import type { Reading } from '../cells/parse.ts';
import type { Leave, Typed } from '../editors/place.ts';
import { type Board, clearCells, isEditable, pasteCells, whyNotEditable } from '../list/edits.ts';
import { type Command, commandOf } from './keys.ts';
import type { Rectangle } from './ranges.ts';
import { NO_SELECTION, rectangle, rectanglesOf, rowsOf } from './selection.ts';
import type { Editor } from './use-editor.ts';
import type { Selecting } from './use-selection.ts';

const STEPS: Readonly<Record<Leave, readonly [number, number]>> = { stay: [0, 0], down: [0, 1], up: [0, -1], right: [1, 0], left: [-1, 0] };

export interface GridActions {
  readonly edit: (step: readonly Change[]) => void;
  readonly undo: () => void;
  readonly redo: () => void;
  readonly trash: (rows: readonly string[]) => void;
  /** Makes a row at an index and returns the index at which it is shown; `null` where the person may not. */
  readonly insert: (at: number) => number | null;
  /** Moves rows to a place among those that are shown. */
  readonly move: (rows: readonly string[], at: number) => void;
  /** Moves rows one up or down. */
  readonly carry: (rows: readonly string[], step: 1 | -1) => void;
  readonly point: (cursor: Cursor | null) => void;
  /** The rows that are marked whole. */
  readonly selected: (rows: readonly string[]) => void;
  readonly skipped: (count: number) => void;
  /** Something was asked for that needs rows which are still to be read. */
  readonly early: () => void;
  /** Keeps what could not be written, for the person to copy. */
  readonly keep: (edit: Kept) => void;
}

export interface Hand {
  readonly grid: RefObject<DataEditorRef | null>;
  readonly board: Board;
  /** The rows as they are drawn. */
  readonly rows: Rows;
  readonly reading: Reading;
  readonly actions: GridActions;
  readonly selecting: Selecting;
  readonly editor: Editor;
  /** Opens the menu of the column at an index. */
  readonly openMenu: (x: number) => void;
  /** The cell that was pressed last, until a key is pressed. */
  readonly pressed: RefObject<Item | undefined>;
}

function at({ board }: Hand, [x, y]: Item) {
  const [column, row] = [board.columns[x], board.document.rows.at(y)];
  return column && row && isEditable(column, board.role) ? { column, row } : null;
}

/** Opens a cell's editor, or toggles a checkbox; nothing happens where the person may not edit. */
export function editCell(hand: Hand, cell: Item, initial: string | null): void {
  const found = at(hand, cell);
  if (!found) return;
  const { column, row } = found;
  if (column.type !== 'checkbox') return hand.editor.open({ row, column: column.id, cell, initial });
  const { document } = hand.board;
  if (initial === null) hand.actions.edit(setCell(document, row, column, document.value(row, column) !== true));
}

/** Writes what the open editor says. */
export function writeCell({ board, editor, actions }: Hand, value: Json): void {
  const { editing } = editor;
  const column = board.columns.find(({ id }) => id === editing?.column);
  if (editing && column) actions.edit(setCell(board.document, editing.row, column, value));
}

/** Keeps what stands in an editor that the page takes away: rights have changed, or the column or the list is gone. */
export function keepTyped({ board, actions }: Hand, row: string, columnId: string, typed: Typed): void {
  const column = board.columns.find(({ id }) => id === columnId);
  const reason = !column ? 'unknown_column' : (whyNotEditable(column, board.role) ?? (typed.fits ? 'unsaved' : 'invalid_value'));
  actions.keep({ key: cellKey(row, columnId), value: typed.value, reason });
}

/** A tick that was clicked in the grid itself. */
export function tickCell(hand: Hand, cell: Item, edited: EditableGridCell): void {
  const found = at(hand, cell);
  if (found && edited.kind === GridCellKind.Boolean) hand.actions.edit(setCell(hand.board.document, found.row, found.column, edited.data === true));
}

/** Closes the editor, goes on to where its key leads, and gives the focus back to the grid. */
export function leaveCell(hand: Hand, leave: Leave): void {
  const { board, editor, grid } = hand;
  const { editing } = editor;
  const [x, y] = editing ? [board.columns.findIndex(({ id }) => id === editing.column), board.document.rows.indexOf(editing.row)] : [-1, -1];
  editor.close(() => x >= 0 && y >= 0 && leave !== 'stay' && moveBy(hand, [x, y], STEPS[leave]));
  grid.current?.focus();
}

/** Moves by a step; sideways wraps to the next or previous row. Tells whether there was somewhere to go. */
function moveBy({ board, rows, selecting }: Hand, [x, y]: Item, [right, down]: readonly [number, number]): boolean {
  const count = board.columns.length;
  const wrapped = x + right < 0 ? -1 : x + right >= count ? 1 : 0;
  const row = y + down + wrapped;
  if (row < 0 || row >= rows.length) return false;
  selecting.goTo(wrapped < 0 ? count - 1 : wrapped > 0 ? 0 : x + right, row);
  return true;
}

/** A press on a cell: the second one on the same cell opens its editor. */
export function pressCell(hand: Hand, cell: Item, event: { readonly isDoubleClick?: boolean; readonly isTouch: boolean; preventDefault(): void }): void {
  const again = hand.pressed.current?.[0] === cell[0] && hand.pressed.current[1] === cell[1];
  hand.pressed.current = cell;
  if (again && (event.isDoubleClick || event.isTouch)) {
    event.preventDefault();
    editCell(hand, cell, null);
  } else if (event.isDoubleClick && hand.board.columns[cell[0]]?.type !== 'checkbox') {
    // For the grid any two quick presses are a double click, also one elsewhere on the page: it would open its own editor.
    event.preventDefault();
  }
}

/** A key while no editor is open. */
export function pressKey(hand: Hand, event: GridKeyEventArgs): void {
  const { selecting, pressed } = hand;
  const current = selecting.selection.current?.cell;
  pressed.current = undefined;
  if (!current && event.key.startsWith('Arrow')) return selecting.goTo(0, 0);
  const command = commandOf({ key: event.key, ctrl: event.ctrlKey, meta: event.metaKey, shift: event.shiftKey, alt: event.altKey });
  if (command?.kind === 'carry') {
    event.cancel();
    event.preventDefault();
    return carryRows(hand, command.step);
  }
  if (command === null || !current) return;
  if (command.kind === 'move' && !moveBy(hand, current, [command.step, 0])) return;
  event.cancel();
  event.preventDefault();
  obey(hand, command, current);
}

/** Moves the selected rows one up or down; the selection stays on them. */
export function carryRows({ actions, board, grid, rows, selecting }: Hand, step: 1 | -1): void {
  const carried = rowsOf(selecting.selection).flatMap((y) => rows.at(y) ?? []);
  const foremost = step < 0 ? carried[0] : carried.at(-1);
  if (foremost === undefined) return;
  actions.carry(carried, step);
  grid.current?.scrollTo(selecting.selection.current?.cell[0] ?? 0, board.document.rows.indexOf(foremost), 'vertical');
}

/** A row was dropped by its marker: with it go the other marked rows, if it is one of them. `seen` is the order in which it was taken. */
export function dropRow({ actions, board, rows, selecting }: Hand, seen: Rows, from: number, to: number): void {
  const row = seen.at(from);
  const now = row === undefined ? -1 : board.document.rows.indexOf(row);
  if (row === undefined || now < 0) return;
  const marks = selecting.selection.rows;
  const taken = marks.hasIndex(now) ? marks.toArray().flatMap((y) => rows.at(y) ?? []) : [row];
  actions.move(taken, to > now ? to + 1 : to);
}

function obey(hand: Hand, command: Command, cell: Item): void {
  const { actions, rows, selecting } = hand;
  switch (command.kind) {
    case 'edit':
      return editCell(hand, cell, command.initial);
    case 'insert': {
      const row = actions.insert(cell[1] + (command.where === 'below' ? 1 : 0));
      return row === null ? undefined : selecting.goTo(0, row);
    }
    case 'trash':
      return actions.trash(rowsOf(selecting.selection).flatMap((y) => rows.at(y) ?? []));
    case 'undo':
      return actions.undo();
    case 'redo':
      return actions.redo();
    case 'clear-selection':
      return selecting.select(NO_SELECTION);
    case 'column-menu':
      return hand.openMenu(cell[0]);
    case 'move':
    case 'carry':
    case 'none':
      return undefined;
  }
}

/** Pastes texts at the selection; nothing while an editor is open. */
export function pasteTexts({ board, rows, reading, actions, selecting, editor }: Hand, texts: readonly (readonly string[])[]): void {
  const { current } = selecting.selection;
  if (!current || editor.editing) return;
  const end = current.range.y + Math.max(current.range.height, texts.length);
  if (!board.document.isInflated && end > rows.length) return actions.early();
  const { step, target, skipped } = pasteCells(board, current.range, texts, reading);
  actions.edit(step);
  selecting.select(rectangle(target));
  if (skipped > 0) actions.skipped(skipped);
}

/** The cells of an area, to be copied: once all of the list has been read. */
export async function cellsWhenRead({ document }: Board, content: (cell: Item) => GridCell, { x, y, width, height }: Rectangle): Promise<GridCell[][]> {
  await document.inflated;
  return Array.from({ length: height }, (_, down) => Array.from({ length: width }, (_unused, right) => content([x + right, y + down])));
}

/** Clears the selected cells; rows stay. */
export function clearSelection({ board, rows, actions, selecting }: Hand): void {
  if (!board.document.isInflated && selecting.selection.columns.length > 0) return actions.early();
  const areas = rectanglesOf(selecting.selection, board.columns.length, rows.length);
  actions.edit(areas.flatMap((area) => clearCells(board, area)));
}
