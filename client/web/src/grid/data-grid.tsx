/** The grid of a list. Everything that knows the grid component is in this folder, so that it can be replaced. */

import '@glideapps/glide-data-grid/dist/index.css';

import { DataEditor, type DataEditorRef, type EditableGridCell, type GridCell, GridCellKind, type GridKeyEventArgs, type Item } from '@glideapps/glide-data-grid';
import { type Change, type Cursor, type Peer, setCell } from '@rowhouse/sdk';
import { useCallback, useEffect, useMemo, useRef } from 'react';

import { faceOf } from '../cells/face.ts';
import { displayText, editText } from '../cells/format.ts';
import type { Reading } from '../cells/parse.ts';
import { CellEditor } from '../editors/cell-editor.tsx';
import type { Leave } from '../editors/place.ts';
import { type Board, clearCells, isEditable, pasteCells } from '../list/edits.ts';
import type { LinkNames } from '../list/link-names.ts';
import type { Mode } from '../look/palette.ts';
import { chipsRenderer } from './chips.ts';
import { GRID_THEMES } from './grid-theme.ts';
import { BLANK, gridCell } from './grid-cell.ts';
import { commandOf } from './keys.ts';
import { drawGuests, regionsOf } from './presence-layer.ts';
import { NO_SELECTION, rectangle, rectanglesOf, rowsOf } from './selection.ts';
import { useEditor } from './use-editor.ts';
import { useGuests } from './use-guests.ts';
import { useLiveRows } from './use-live-rows.ts';
import { usePaste } from './use-paste.ts';
import { useSelection } from './use-selection.ts';
import { useWidths, widthOf } from './widths.ts';

const ROW_HEIGHT_PX = 32;
const HEADER_HEIGHT_PX = 34;
const FREEZE_WIDTH_MIN_PX = 640;
const STEPS: Readonly<Record<Leave, readonly [number, number]>> = { stay: [0, 0], down: [0, 1], up: [0, -1], right: [1, 0], left: [-1, 0] };
const KEYBINDINGS = { clear: false, search: false, paste: false, activateCell: ' |Enter|F2|shift+Enter' } as const;

export interface GridActions {
  readonly edit: (step: readonly Change[]) => void;
  readonly undo: () => void;
  readonly redo: () => void;
  readonly trash: (rows: readonly string[]) => void;
  /** Makes a row at an index and returns the index at which it is shown. */
  readonly insert: (at: number) => number | null;
  readonly point: (cursor: Cursor | null) => void;
  /** The rows that are marked whole. */
  readonly selected: (rows: readonly string[]) => void;
  readonly skipped: (count: number) => void;
}

interface DataGridProps {
  readonly board: Board;
  readonly primary: string | null;
  readonly peers: readonly Peer[];
  readonly reading: Reading;
  readonly links: LinkNames;
  readonly mode: Mode;
  readonly actions: GridActions;
  /** A row to go to, by index: set when a row was added outside of the grid. */
  readonly target: { readonly row: number } | null;
}

export function DataGrid({ board, primary, peers, reading, links, mode, actions, target }: DataGridProps) {
  const { document, columns, role } = board;
  const grid = useRef<DataEditorRef>(null);
  const pressed = useRef<Item>(undefined);
  const { ids, version } = useLiveRows(document, columns, grid);
  const { selection, select, goTo } = useSelection(document, ids, columns.length, grid);
  const { editing, open, close, follow } = useEditor(grid);
  const guests = useGuests(peers, document, ids, columns);
  const { widths, resize } = useWidths();
  const current = selection.current?.cell;
  const currentColumn = current && columns[current[0]];
  const currentRow = current && ids[current[1]];

  const content = useCallback(
    ([x, y]: Item): GridCell => {
      const [column, row] = [columns[x], document.rows.ids[y]];
      if (!column || !row) return BLANK;
      const value = document.value(row, column);
      return gridCell(faceOf(column, value, reading.names, mode), editText(column, value, reading.names), isEditable(column, role));
    },
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- `version` stands for what the document holds
    [document, columns, reading.names, mode, role, version],
  );

  const { point, selected } = actions;
  useEffect(() => {
    point(currentColumn && currentRow ? { row: currentRow, column: currentColumn.id, editing: editing !== null } : null);
  }, [point, currentColumn, currentRow, editing]);
  useEffect(() => selected(selection.rows.toArray().flatMap((y) => ids[y] ?? [])), [selected, selection, ids]);
  useEffect(() => {
    if (target === null) return;
    goTo(0, target.row);
    grid.current?.focus();
  }, [target, goTo]);

  function edit([x, y]: Item, initial: string | null): void {
    const [column, row] = [columns[x], document.rows.ids[y]];
    if (!column || !row || !isEditable(column, role)) return;
    if (column.type !== 'checkbox') return open({ row, column: column.id, cell: [x, y], initial });
    if (initial === null) actions.edit(setCell(document, row, column, document.value(row, column) !== true));
  }

  function leave(step: Leave): void {
    const [x, y] = editing ? [columns.findIndex(({ id }) => id === editing.column), document.rows.indexOf(editing.row)] : [-1, -1];
    close();
    if (x >= 0 && y >= 0 && step !== 'stay') move([x, y], STEPS[step]);
    grid.current?.focus();
  }

  /** Moves by a step; sideways wraps to the next or previous row. Tells whether there was somewhere to go. */
  function move([x, y]: Item, [right, down]: readonly [number, number]): boolean {
    const wrapped = x + right < 0 ? -1 : x + right >= columns.length ? 1 : 0;
    const row = y + down + wrapped;
    if (row < 0 || row >= ids.length) return false;
    goTo(wrapped < 0 ? columns.length - 1 : wrapped > 0 ? 0 : x + right, row);
    return true;
  }

  function insert(at: number): void {
    const row = actions.insert(at);
    if (row !== null) goTo(0, row);
  }

  function onKeyDown(event: GridKeyEventArgs): void {
    pressed.current = undefined;
    const command = commandOf({ key: event.key, ctrl: event.ctrlKey, meta: event.metaKey, shift: event.shiftKey, alt: event.altKey });
    if (!current && event.key.startsWith('Arrow')) return goTo(0, 0);
    if (command === null || !current) return;
    if (command.kind === 'move' && !move(current, [command.step, 0])) return;
    event.cancel();
    event.preventDefault();
    if (command.kind === 'edit') edit(current, command.initial);
    else if (command.kind === 'insert') insert(current[1] + (command.where === 'below' ? 1 : 0));
    else if (command.kind === 'trash') actions.trash(rowsOf(selection).flatMap((y) => ids[y] ?? []));
    else if (command.kind === 'undo') actions.undo();
    else if (command.kind === 'redo') actions.redo();
    else if (command.kind === 'clear-selection') select(NO_SELECTION);
  }

  const frame = usePaste((texts) => {
    if (!selection.current || editing) return;
    const { step, target: area, skipped } = pasteCells(board, selection.current.range, texts, reading);
    actions.edit(step);
    select(rectangle(area));
    if (skipped > 0) actions.skipped(skipped);
  });

  function onDelete(): boolean {
    actions.edit(rectanglesOf(selection, columns.length, ids.length).flatMap((area) => clearCells(board, area)));
    return false;
  }

  function onCellEdited([x, y]: Item, cell: EditableGridCell): void {
    const [column, row] = [columns[x], document.rows.ids[y]];
    if (!column || !row || cell.kind !== GridCellKind.Boolean || !isEditable(column, role)) return;
    actions.edit(setCell(document, row, column, cell.data === true));
  }

  const gridColumns = useMemo(
    () => columns.map((column) => ({ id: column.id, title: column.name, width: widthOf(column, column.id === primary, widths) })),
    [columns, primary, widths],
  );
  const editedColumn = editing && columns.find(({ id }) => id === editing.column);
  return (
    <div ref={frame} data-testid="grid" className="size-full">
      <DataEditor
        ref={grid}
        width="100%"
        height="100%"
        theme={GRID_THEMES[mode]}
        columns={gridColumns}
        rows={ids.length}
        rowHeight={ROW_HEIGHT_PX}
        headerHeight={HEADER_HEIGHT_PX}
        rowMarkers={{ kind: 'both', checkboxStyle: 'square', width: 44 }}
        freezeColumns={globalThis.innerWidth >= FREEZE_WIDTH_MIN_PX ? 1 : 0}
        getCellContent={content}
        getCellsForSelection
        customRenderers={[chipsRenderer]}
        gridSelection={selection}
        onGridSelectionChange={select}
        keybindings={KEYBINDINGS}
        cellActivationBehavior="double-click"
        onKeyDown={onKeyDown}
        onCellClicked={(cell, event) => {
          // Two quick clicks on two cells also count as a double click for the grid.
          const again = pressed.current?.[0] === cell[0] && pressed.current[1] === cell[1];
          pressed.current = cell;
          if (!again || !(event.isDoubleClick || event.isTouch)) return;
          event.preventDefault();
          edit(cell, null);
        }}
        onCellEdited={onCellEdited}
        onPaste={false}
        onDelete={onDelete}
        onColumnResize={(column, widthPx) => column.id !== undefined && resize(column.id, widthPx)}
        onVisibleRegionChanged={follow}
        highlightRegions={useMemo(() => regionsOf(guests, mode), [guests, mode])}
        drawCell={useMemo(() => drawGuests(() => guests, () => performance.now(), mode), [guests, mode])}
        smoothScrollX
        smoothScrollY
        overscrollX={80}
        overscrollY={64}
      />
      <p aria-live="polite" className="sr-only">
        {currentColumn && currentRow
          ? `${currentColumn.name}, row ${current[1] + 1}: ${displayText(currentColumn, document.value(currentRow, currentColumn), reading.names) || 'empty'}`
          : ''}
      </p>
      {editing && editedColumn && (
        <CellEditor
          key={`${editing.row}:${editing.column}`}
          column={editedColumn}
          value={document.value(editing.row, editedColumn)}
          bounds={editing.bounds}
          initial={editing.initial}
          reading={reading}
          links={links}
          mode={mode}
          onWrite={(value) => actions.edit(setCell(document, editing.row, editedColumn, value))}
          onClose={leave}
        />
      )}
    </div>
  );
}
