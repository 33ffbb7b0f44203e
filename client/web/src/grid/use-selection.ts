/** The selection as state: it stays on its row when rows above it come or go. */

import type { DataEditorRef, GridSelection } from '@glideapps/glide-data-grid';
import type { ListDocument, Rows } from '@rowhouse/sdk';
import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from 'react';

import { NO_SELECTION, oneCell, shifted } from './selection.ts';

export interface Selecting {
  readonly selection: GridSelection;
  readonly select: (selection: GridSelection) => void;
  /** Selects one cell, within the list's bounds, and scrolls to it. */
  readonly goTo: (column: number, row: number) => void;
}

export function useSelection(
  document: ListDocument,
  rows: Rows,
  columnCount: number,
  grid: RefObject<DataEditorRef | null>,
): Selecting {
  const [selection, setSelection] = useState<GridSelection>(NO_SELECTION);
  const anchor = useRef<string | null>(null);

  const select = useCallback(
    (next: GridSelection): void => {
      anchor.current = document.rows.at(next.current?.cell[1] ?? -1) ?? null;
      setSelection(next);
    },
    [document],
  );

  const goTo = useCallback(
    (column: number, row: number): void => {
      const x = Math.max(0, Math.min(column, columnCount - 1));
      const y = Math.max(0, Math.min(row, document.rows.length - 1));
      if (document.rows.length === 0) return select(NO_SELECTION);
      select(oneCell(x, y));
      grid.current?.scrollTo(x, y);
    },
    [document, columnCount, grid, select],
  );

  useLayoutEffect(() => {
    const cell = selection.current?.cell;
    if (!cell || anchor.current === null || rows.at(cell[1]) === anchor.current) return;
    const now = document.rows.indexOf(anchor.current);
    if (now >= 0) setSelection(shifted(selection, now - cell[1]));
    else if (rows.length === 0) select(NO_SELECTION);
    else select(oneCell(cell[0], Math.min(cell[1], rows.length - 1)));
  }, [rows, document, selection, select]);

  return { selection, select, goTo };
}
