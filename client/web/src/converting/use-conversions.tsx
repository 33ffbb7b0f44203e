/** What the menu of a column offers of conversions. The dialog is loaded when it is asked for. */

import { type Column, type ListSchema, type Role, allows } from '@rowhouse/sdk';
import { type ComponentType, type ReactNode, useMemo, useState } from 'react';
import { toast } from 'sonner';

import type { ColumnDeed } from '../grid/use-column-menu.tsx';
import type { ConversionDialogProps } from './conversion-dialog.tsx';
import { download, undo } from './notices.ts';
import { CHANGED, convertible, markOf } from './words.ts';

interface ConversionsProps {
  readonly listId: string;
  readonly workspaceId: string;
  readonly schema: ListSchema;
  /** `null` where nothing may be changed now. */
  readonly role: Role | null;
  readonly rowName: (row: string) => string | null;
  /** Who can give the right, by name. */
  readonly ask: string;
}

export interface Conversions {
  readonly deedsOf: (column: Column) => readonly ColumnDeed[];
  readonly dialog: ReactNode;
}

const NOTHING: readonly ColumnDeed[] = [];

export function useConversions({ listId, workspaceId, schema, role, rowName, ask }: ConversionsProps): Conversions {
  const [shown, setShown] = useState<{ readonly Dialog: ComponentType<ConversionDialogProps>; readonly column: Column }>();
  const able = role !== null && allows(role, 'columns.manage');
  const deedsOf = useMemo(() => {
    async function open(column: Column): Promise<void> {
      try {
        const { default: Dialog } = await import('./conversion-dialog.tsx');
        setShown({ Dialog, column });
      } catch {
        toast('This part of the page could not be loaded. Check the connection and try again.');
      }
    }
    return (column: Column): readonly ColumnDeed[] => {
      if (!able || !convertible(column)) return NOTHING;
      const place = { list: listId, column: column.id };
      const mark = markOf(column);
      return [
        { words: 'Change type…', act: () => void open(column) },
        ...(mark ? [{ words: 'Undo the change of type', act: () => void undo(place, rowName) }] : []),
        ...(mark && mark.lost > 0 ? [{ words: 'Download what did not convert', act: () => void download(place, column.name) }] : []),
      ];
    };
  }, [able, listId, rowName]);
  const dialog = shown && (
    <shown.Dialog
      column={shown.column}
      hindrance={able ? (schema.columns.some(({ id }) => id === shown.column.id) ? '' : CHANGED) : `You may not change columns now. To do so, ask ${ask} for the admin role.`}
      naming={schema.primary === shown.column.id}
      listId={listId}
      workspaceId={workspaceId}
      rowName={rowName}
      onClose={() => setShown(undefined)}
    />
  );
  return { deedsOf, dialog };
}
