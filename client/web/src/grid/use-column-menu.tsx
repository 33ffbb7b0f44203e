/** The menu of a column: at its header, by the arrow there, by the other mouse button, or by Alt+↓ on one of its cells. */

import type { DataEditorRef } from '@glideapps/glide-data-grid';
import type { Column } from '@rowhouse/sdk';
import { DropdownMenu } from 'radix-ui';
import { type ReactNode, type RefObject, useCallback, useState } from 'react';

import type { Bounds } from '../editors/place.ts';

/** Something that can be done to a column. */
export interface ColumnDeed {
  readonly words: string;
  readonly act: () => void;
}

interface ColumnMenu {
  /** Opens the menu of the column at an index; nothing happens where it offers nothing. */
  readonly open: (x: number) => void;
  readonly menu: ReactNode;
}

const HEADER = -1;
const ITEM = 'flex h-7 items-center gap-2 rounded px-2 outline-none data-[highlighted]:bg-hover';

export function useColumnMenu(grid: RefObject<DataEditorRef | null>, columns: readonly Column[], deedsOf: (column: Column) => readonly ColumnDeed[]): ColumnMenu {
  const [shown, setShown] = useState<{ readonly id: string; readonly bounds: Bounds }>();
  const open = useCallback(
    (x: number): void => {
      const column = columns[x];
      const bounds = grid.current?.getBounds(x, HEADER);
      if (column && bounds && deedsOf(column).length > 0) setShown({ id: column.id, bounds });
    },
    [grid, columns, deedsOf],
  );
  const column = columns.find(({ id }) => id === shown?.id);
  const deeds = column ? deedsOf(column) : [];
  const menu = shown && column && deeds.length > 0 && (
    <DropdownMenu.Root open onOpenChange={(stays) => !stays && setShown(undefined)}>
      <DropdownMenu.Trigger asChild>
        <span className="pointer-events-none fixed" style={{ left: shown.bounds.x, top: shown.bounds.y, width: shown.bounds.width, height: shown.bounds.height }}>
          <span className="sr-only">Column {column.name}</span>
        </span>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="start"
          data-testid="column-menu"
          className="float z-40 min-w-56 p-1 text-sm"
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            // A dialog that the menu has opened keeps the focus.
            if (globalThis.document.querySelector('[role="dialog"]') === null) grid.current?.focus();
          }}
        >
          {deeds.map(({ words, act }) => (
            <DropdownMenu.Item key={words} className={ITEM} onSelect={act}>
              {words}
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
  return { open, menu };
}
