/** Making lists: an empty one, or several from templates, linked to each other. */

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { Dialog, Tabs } from 'radix-ui';
import { useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { toast } from 'sonner';

import { call } from '../account/account.ts';
import { Problem } from '../api/http.ts';
import { type ListSummary, type Workspace, listsQuery } from '../api/queries.ts';
import { EmptyList } from './empty-list.tsx';
import { TemplateChoice } from './template-choice.tsx';

const TAB = 'control text-muted data-[state=active]:bg-tint data-[state=active]:text-accent';

export interface Making {
  readonly busy: boolean;
  /** What went wrong with the last try, in words. */
  readonly problem: string;
  /** Makes what is asked for; the dialog closes when it stands. */
  readonly make: (path: string, body: unknown) => Promise<void>;
}

interface MadeList extends ListSummary {
  readonly left_out: readonly { readonly column: string }[];
}

/** Says what was not made, so that nobody looks for it in vain. */
function missing(made: readonly MadeList[]): string | undefined {
  const links = made.flatMap(({ name, left_out }) => left_out.map(({ column }) => `${column} of ${name}`));
  return links.length > 0 ? `Left out, as their lists are missing: ${links.join(', ')}.` : undefined;
}

function sentence(error: unknown): string {
  if (error instanceof Problem) return error.message;
  return 'The server could not be reached. Check the connection, then look whether the list is there before you try again.';
}

function useMaking({ id }: Workspace, onMade: () => void): Making {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  async function make(path: string, body: unknown): Promise<void> {
    setBusy(true);
    setProblem('');
    try {
      const answer = await call<MadeList | { readonly items: readonly MadeList[] }>(`/api/workspaces/${id}/${path}`, { method: 'POST', body });
      const made = 'items' in answer ? answer.items : [answer];
      toast(made.length === 1 ? `The list ${made[0]?.name} is made.` : `${made.length} lists are made.`, { description: missing(made) });
      onMade();
      await navigate(`/lists/${made[0]?.id}`);
    } catch (error) {
      setProblem(sentence(error));
      setBusy(false);
    }
    void queries.invalidateQueries({ queryKey: listsQuery(id).queryKey });
  }
  return { busy, problem, make };
}

interface NewListDialogProps {
  readonly workspace: Workspace;
  readonly onClose: () => void;
  readonly onMade: () => void;
}

export default function NewListDialog({ workspace, onClose, onMade }: NewListDialogProps) {
  const making = useMaking(workspace, onMade);
  const { data: lists = [] } = useQuery(listsQuery(workspace.id));
  const first = useRef<HTMLButtonElement>(null);
  function begin(event: Event): void {
    event.preventDefault();
    first.current?.focus();
  }
  return (
    <Dialog.Root open onOpenChange={(open) => !open && !making.busy && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-50 bg-black/30" />
        <Dialog.Content
          onOpenAutoFocus={begin}
          data-testid="new-list-dialog"
          className="float fixed top-1/2 left-1/2 z-50 flex h-[560px] max-h-[calc(100dvh-32px)] w-[760px] max-w-[calc(100vw-32px)] -translate-x-1/2 -translate-y-1/2 flex-col gap-3 p-5"
        >
          <div className="flex items-center">
            <Dialog.Title className="text-lg font-semibold">New list</Dialog.Title>
            <Dialog.Close aria-label="Close" className="control ml-auto">
              <X size={14} />
            </Dialog.Close>
          </div>
          <Dialog.Description className="sr-only">Make an empty list, or lists for real estate from templates.</Dialog.Description>
          <Tabs.Root defaultValue="templates" className="flex min-h-0 flex-1 flex-col gap-3">
            <Tabs.List aria-label="What to begin with" className="flex gap-1">
              <Tabs.Trigger ref={first} value="templates" className={TAB}>
                From templates
              </Tabs.Trigger>
              <Tabs.Trigger value="empty" className={TAB}>
                Empty list
              </Tabs.Trigger>
            </Tabs.List>
            <Tabs.Content value="templates" tabIndex={-1} className="flex min-h-0 flex-1 flex-col outline-none">
              <TemplateChoice lists={lists} making={making} />
            </Tabs.Content>
            <Tabs.Content value="empty" tabIndex={-1} className="flex min-h-0 flex-1 flex-col outline-none">
              <EmptyList making={making} />
            </Tabs.Content>
          </Tabs.Root>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
