/**
 * The open cell editor as state.
 *
 * It opens within the key's own event (`flushSync`), so that the next key already finds the text field: no
 * keystroke is lost, however fast one types.
 */

import type { DataEditorRef } from '@glideapps/glide-data-grid';
import { type RefObject, useCallback, useState } from 'react';
import { flushSync } from 'react-dom';

import type { Bounds } from '../editors/place.ts';

export interface Editing {
  readonly row: string;
  readonly column: string;
  readonly cell: readonly [column: number, row: number];
  readonly bounds: Bounds;
  readonly initial: string | null;
}

export interface Editor {
  readonly editing: Editing | null;
  readonly open: (target: Omit<Editing, 'bounds'>) => void;
  /** Closes it and does what `and` does, drawn as one and at once: the focus may go back to the grid right after. */
  readonly close: (and: () => void) => void;
  /** Takes it away after the page has been drawn without it. */
  readonly drop: () => void;
  /** Puts the editor over its cell again, after the grid has scrolled. */
  readonly follow: () => void;
}

export function useEditor(grid: RefObject<DataEditorRef | null>): Editor {
  const [editing, setEditing] = useState<Editing | null>(null);

  const open = useCallback(
    (target: Omit<Editing, 'bounds'>): void => {
      const bounds = grid.current?.getBounds(...target.cell);
      if (bounds) flushSync(() => setEditing({ ...target, bounds }));
    },
    [grid],
  );

  const close = useCallback((and: () => void): void => {
    flushSync(() => {
      setEditing(null);
      and();
    });
  }, []);

  const drop = useCallback((): void => setEditing(null), []);

  const follow = useCallback((): void => {
    setEditing((now) => {
      const bounds = now && grid.current?.getBounds(...now.cell);
      return now && bounds ? { ...now, bounds } : now;
    });
  }, [grid]);

  return { editing, open, close, drop, follow };
}
