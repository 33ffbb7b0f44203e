/** "New list": for those who may make one. What it opens is loaded when it is asked for. */

import { allows } from '@rowhouse/sdk';
import { Plus } from 'lucide-react';
import { type ComponentType, useState } from 'react';
import { toast } from 'sonner';

import type { Workspace } from '../api/queries.ts';

interface DialogProps {
  readonly workspace: Workspace;
  readonly onClose: () => void;
  readonly onMade: () => void;
}

interface NewListButtonProps {
  readonly workspace: Workspace;
  readonly className: string;
  readonly onMade?: () => void;
}

export function NewListButton({ workspace, className, onMade }: NewListButtonProps) {
  const [dialog, setDialog] = useState<{ readonly Shown: ComponentType<DialogProps> }>();
  if (!allows(workspace.role, 'lists.manage')) return null;
  async function open(): Promise<void> {
    try {
      const { default: Shown } = await import('../new-list/new-list-dialog.tsx');
      setDialog({ Shown });
    } catch {
      toast('This part of the page could not be loaded. Check the connection and try again.');
    }
  }
  function made(): void {
    setDialog(undefined);
    onMade?.();
  }
  return (
    <>
      <button type="button" data-testid="new-list" className={className} onClick={() => void open()}>
        <Plus size={14} className="shrink-0" />
        New list
      </button>
      {dialog && <dialog.Shown workspace={workspace} onClose={() => setDialog(undefined)} onMade={made} />}
    </>
  );
}
