/** The grid of a list. Everything that knows the grid component is in this folder, so that it can be replaced. */

import '@glideapps/glide-data-grid/dist/index.css';

import { DataEditor, type DataEditorRef, type GridCell, type Item } from '@glideapps/glide-data-grid';
import { type Column, type ListDocument, type Peer, allows } from '@rowhouse/sdk';
import { memo, useCallback, useEffect, useMemo, useReducer, useRef } from 'react';

import { faceOf } from '../cells/face.ts';
import { displayText, editText } from '../cells/format.ts';
import type { Reading } from '../cells/parse.ts';
import { CellEditor } from '../editors/cell-editor.tsx';
import { type Board, isEditable } from '../list/edits.ts';
import type { LinkNames } from '../list/link-names.ts';
import type { Mode } from '../look/palette.ts';
import { chipsRenderer } from './chips.ts';
import { BLANK, UNREAD, gridCell } from './grid-cell.ts';
import { GRID_THEMES } from './grid-theme.ts';
import { type GridActions, type Hand, cellsWhenRead, keepTyped, leaveCell, pasteTexts, writeCell } from './hand.ts';
import { drawGuests, regionsOf } from './presence-layer.ts';
import type { Rectangle } from './ranges.ts';
import { type ColumnDeed, useColumnMenu } from './use-column-menu.tsx';
import { useEditor } from './use-editor.ts';
import { useGuests } from './use-guests.ts';
import { useHandlers } from './use-handlers.ts';
import { useLiveRows } from './use-live-rows.ts';
import { usePaste } from './use-paste.ts';
import { useRowDrag } from './use-row-drag.ts';
import { useSelection } from './use-selection.ts';
import { useWidths, widthOf } from './widths.ts';

/** Rendering it takes milliseconds of a key's time: only when something of what it shows has changed. */
const Editor = memo(DataEditor);

const FREEZE_WIDTH_MIN_PX = 640;
const HEADER_PX = 34;
const MARKER_PX = 44;
/** What never changes about the grid. Its own overlay editor and its own pasting are never used. */
const FIXED = {
  width: '100%',
  height: '100%',
  rowHeight: 32,
  headerHeight: HEADER_PX,
  rowMarkers: { kind: 'both', checkboxStyle: 'square', width: MARKER_PX },
  customRenderers: [chipsRenderer],
  keybindings: { clear: false, search: false, paste: false, activateCell: ' |Enter|F2|shift+Enter' },
  cellActivationBehavior: 'double-click',
  onPaste: false,
  smoothScrollX: true,
  smoothScrollY: true,
  overscrollX: 80,
  overscrollY: 64,
} as const;

interface DataGridProps {
  readonly board: Board;
  readonly primary: string | null;
  readonly peers: readonly Peer[];
  readonly reading: Reading;
  readonly links: LinkNames;
  readonly mode: Mode;
  readonly actions: GridActions;
  /** What the menu of a column offers. */
  readonly deedsOf: (column: Column) => readonly ColumnDeed[];
  /** A row to go to, by index: set when a row was added outside of the grid. */
  readonly target: { readonly row: number } | null;
}

export const DataGrid = memo(function DataGrid({ board, primary, peers, reading, links, mode, actions, deedsOf, target }: DataGridProps) {
  const { document, columns } = board;
  const grid = useRef<DataEditorRef>(null);
  const pressed = useRef<Item>(undefined);
  const { rows, toCome, version } = useLiveRows(document, columns, grid);
  const selecting = useSelection(document, rows, columns.length, grid);
  const editor = useEditor(grid);
  const guests = useGuests(peers, rows, columns);
  const { open: openMenu, menu } = useColumnMenu(grid, columns, deedsOf);
  const hand: Hand = { grid, board, rows, reading, actions, selecting, editor, openMenu, pressed };
  const content = useContent(board, reading, mode, version);
  const cellsOf = useCallback((area: Rectangle) => () => cellsWhenRead(board, content, area), [board, content]);
  const frame = usePaste((texts) => pasteTexts(hand, texts));
  const { widths, resize } = useWidths();
  useTellings(hand, target);
  const drag = useRowDrag(rows, HEADER_PX, MARKER_PX);
  const { onRowMoved, ...handlers } = useHandlers(hand, drag.seen, resize);
  const mayMove = board.role !== null && allows(board.role, 'rows.edit');
  const gridColumns = useMemo(
    () => columns.map((column) => ({ id: column.id, title: column.name, width: widthOf(column, column.id === primary, widths), hasMenu: deedsOf(column).length > 0 })),
    [columns, primary, widths, deedsOf],
  );
  return (
    // The grid takes the focus a frame after a click: a key pressed at once would go nowhere. Its scroller lies over the canvas.
    <div
      ref={frame}
      data-testid="grid"
      className="size-full"
      onPointerDownCapture={drag.onPointerDown}
      onPointerUpCapture={({ target: hit }) => hit instanceof Element && hit.closest('.dvn-scroller') && grid.current?.focus()}
    >
      <Editor
        {...FIXED}
        {...handlers}
        ref={grid}
        theme={GRID_THEMES[mode]}
        columns={gridColumns}
        rows={rows.length + toCome}
        freezeColumns={globalThis.innerWidth >= FREEZE_WIDTH_MIN_PX ? 1 : 0}
        getCellContent={content}
        getCellsForSelection={document.isInflated ? true : cellsOf}
        gridSelection={selecting.selection}
        onVisibleRegionChanged={editor.follow}
        {...(mayMove && { onRowMoved })}
        highlightRegions={useMemo(() => regionsOf(guests, mode), [guests, mode])}
        drawCell={useMemo(() => drawGuests(() => guests, () => performance.now(), mode), [guests, mode])}
      />
      {menu}
      <SpokenCell hand={hand} />
      <OpenEditor hand={hand} links={links} mode={mode} />
    </div>
  );
});

/** What each cell shows; a new function whenever that may have changed as a whole. */
function useContent({ document, columns, role }: Board, { names }: Reading, mode: Mode, version: number): (cell: Item) => GridCell {
  return useCallback(
    ([x, y]) => {
      const [column, row] = [columns[x], document.rows.at(y)];
      if (!column || (!row && document.isInflated)) return BLANK;
      if (!row) return UNREAD;
      const value = document.value(row, column);
      if (value === null && document.awaits(row)) return UNREAD;
      return gridCell(faceOf(column, value, names, mode), editText(column, value, names), isEditable(column, role));
    },
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- `version` stands for what the document holds
    [document, columns, names, mode, role, version],
  );
}

/** Tells the others where the person is, the tool bar which rows are marked, and goes where the tool bar wants. */
function useTellings({ grid, board, rows, actions, selecting, editor }: Hand, target: DataGridProps['target']): void {
  const { selection, goTo } = selecting;
  const { point, selected } = actions;
  const { rows: marks } = selection;
  const cell = selection.current?.cell;
  const column = cell && board.columns[cell[0]]?.id;
  const row = cell && rows.at(cell[1]);
  const editing = editor.editing !== null;
  useEffect(() => point(column && row ? { row, column, editing } : null), [point, column, row, editing]);
  useEffect(() => selected(marks.toArray().flatMap((y) => rows.at(y) ?? [])), [selected, marks, rows]);
  useEffect(() => {
    if (target === null) return;
    goTo(0, target.row);
    grid.current?.focus();
  }, [target, goTo, grid]);
}

/** The selected cell in words, for screen readers. */
function SpokenCell({ hand: { board, rows, reading, selecting } }: { readonly hand: Hand }) {
  const cell = selecting.selection.current?.cell;
  const [column, row] = cell ? [board.columns[cell[0]], rows.at(cell[1])] : [];
  const text = column && row ? displayText(column, board.document.value(row, column), reading.names) || 'empty' : '';
  return (
    <p aria-live="polite" className="sr-only">
      {cell && column && `${column.name}, row ${cell[1] + 1}: ${text}`}
    </p>
  );
}

/** Renders at every change of the document while an editor is open: its next choice adds to what the cell holds now. */
function useFollowed(document: ListDocument, open: boolean): void {
  const [, follow] = useReducer((changes: number) => changes + 1, 0);
  useEffect(() => (open ? document.subscribe(follow) : undefined), [document, open]);
}

function OpenEditor({ hand, links, mode }: { readonly hand: Hand; readonly links: LinkNames; readonly mode: Mode }) {
  const { editing, drop } = hand.editor;
  const column = hand.board.columns.find(({ id }) => id === editing?.column);
  const allowed = column !== undefined && isEditable(column, hand.board.role);
  const latest = useRef(hand);
  latest.current = hand;
  useFollowed(hand.board.document, editing !== null);
  useEffect(() => {
    if (editing && !allowed) drop();
  }, [editing, allowed, drop]);
  if (!editing || !allowed) return null;
  return (
    <CellEditor
      key={`${editing.row}:${editing.column}`}
      column={column}
      value={hand.board.document.value(editing.row, column)}
      bounds={editing.bounds}
      initial={editing.initial}
      reading={hand.reading}
      links={links}
      mode={mode}
      onWrite={(value) => writeCell(hand, value)}
      onClose={(leave) => leaveCell(hand, leave)}
      onCut={(typed) => keepTyped(latest.current, editing.row, editing.column, typed)}
    />
  );
}
