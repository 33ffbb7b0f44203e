/** The grid's events as functions that stay the same, so that the grid is rendered anew only for what it shows. */

import type { CellClickedEventArgs, EditableGridCell, GridColumn, GridKeyEventArgs, GridSelection, HeaderClickedEventArgs, Item } from '@glideapps/glide-data-grid';
import type { Rows } from '@rowhouse/sdk';
import { useMemo, useRef } from 'react';

import { type Hand, clearSelection, dropRow, pressCell, pressKey, tickCell } from './hand.ts';

/** `seen` is the order of rows in which one was taken, `resize` keeps the width of a column. */
export function useHandlers(hand: Hand, seen: () => Rows, resize: (column: string, widthPx: number) => void) {
  const latest = useRef({ hand, seen });
  latest.current = { hand, seen };
  return useMemo(() => {
    const now = (): Hand => latest.current.hand;
    return {
      onGridSelectionChange: (selection: GridSelection) => now().selecting.select(selection),
      onKeyDown: (event: GridKeyEventArgs) => pressKey(now(), event),
      onCellClicked: (cell: Item, event: CellClickedEventArgs) => pressCell(now(), cell, event),
      onCellEdited: (cell: Item, edited: EditableGridCell) => tickCell(now(), cell, edited),
      onDelete: () => {
        clearSelection(now());
        return false;
      },
      onRowMoved: (from: number, to: number) => dropRow(now(), latest.current.seen(), from, to),
      onColumnResize: ({ id }: GridColumn, widthPx: number) => id !== undefined && resize(id, widthPx),
      onHeaderMenuClick: (x: number) => now().openMenu(x),
      onHeaderContextMenu: (x: number, event: HeaderClickedEventArgs) => {
        event.preventDefault();
        now().openMenu(x);
      },
    };
  }, [resize]);
}
