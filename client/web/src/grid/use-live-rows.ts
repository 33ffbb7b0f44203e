/**
 * Follows a list document for the grid: the order of rows as state, changed cells as damage to repaint.
 *
 * Damage repaints the canvas at once; the grid's accessible table is only made anew with its contents, so a
 * change of cells also counts as a new version, at most once in a while.
 */

import type { DataEditorRef } from '@glideapps/glide-data-grid';
import type { Column, ListDocument, Rows } from '@rowhouse/sdk';
import { type RefObject, useEffect, useState } from 'react';

const TABLE_DELAY_MS = 100;

export interface LiveRows {
  readonly rows: Rows;
  /** About how many rows are still to come behind them. */
  readonly toCome: number;
  /** Grows whenever every cell may have changed. */
  readonly version: number;
}

export function useLiveRows(document: ListDocument, columns: readonly Column[], grid: RefObject<DataEditorRef | null>): LiveRows {
  const [live, setLive] = useState<LiveRows>({ rows: document.rows, toCome: document.rowsToCome, version: 0 });

  useEffect(() => {
    const readAll = (): void => setLive(({ version }) => ({ rows: document.rows, toCome: document.rowsToCome, version: version + 1 }));
    readAll();
    let waiting: ReturnType<typeof setTimeout> | null = null;
    const readSoon = (): void => {
      waiting ??= setTimeout(() => {
        waiting = null;
        readAll();
      }, TABLE_DELAY_MS);
    };
    const stop = document.subscribe(({ order, all, schema, cells }) => {
      if (all || schema || order) return readAll();
      const damage = cells.flatMap(([row, column]) => {
        const [x, y] = [columns.findIndex(({ id }) => id === column), document.rows.indexOf(row)];
        return x < 0 || y < 0 ? [] : [{ cell: [x, y] as const }];
      });
      if (damage.length === 0) return;
      grid.current?.updateCells(damage);
      readSoon();
    });
    return () => {
      stop();
      if (waiting !== null) clearTimeout(waiting);
    };
  }, [document, columns, grid]);

  return live;
}
