/** "Export": the list as a file, in one of four formats. For owners and admins also whether members may do it. */

import { type Role, allows } from '@rowhouse/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Check, Download, X } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { toast } from 'sonner';

import { call } from '../account/account.ts';
import { fetchFile, save } from '../api/files.ts';
import { sentenceOf } from '../api/http.ts';
import { type Workspace, workspacesQuery } from '../api/queries.ts';
import { FORMATS, type Format, labelOf, mayExport } from './formats.ts';

const ITEM = 'flex h-7 items-center gap-2 rounded px-2 outline-none data-[highlighted]:bg-hover';
const FAILURE_MS = 15_000;

interface ExportMenuProps {
  readonly listId: string;
  readonly title: string;
  readonly role: Role | null;
  readonly workspace: Workspace | undefined;
}

interface Wanted {
  readonly format: Format;
  readonly stop: AbortController;
}

function useExport(listId: string, title: string) {
  return useMutation({
    mutationFn: ({ format, stop }: Wanted) =>
      fetchFile(`/api/lists/${listId}/export?format=${format}`, `${title}.${format}`, { signal: stop.signal }),
    onSuccess: save,
    onError: (error, { stop }) => {
      if (!stop.signal.aborted) toast('The list was not exported', { description: sentenceOf(error), duration: FAILURE_MS });
    },
  });
}

export function ExportMenu({ listId, title, role, workspace }: ExportMenuProps) {
  const { mutate, isPending, variables } = useExport(listId, title);
  if (!mayExport(role, workspace?.members_export ?? false)) return null;
  if (isPending) {
    return (
      <span role="status" data-testid="exporting" className="flex items-center gap-1 px-2 text-sm text-muted">
        <Download size={15} /> Preparing {labelOf(variables.format)}…
        <button type="button" aria-label="Stop the export" className="control !px-1.5" onClick={() => variables.stop.abort()}>
          <X size={15} />
        </button>
      </span>
    );
  }
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger data-testid="export" className="control">
        <Download size={15} /> Export
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content align="start" sideOffset={4} className="float z-40 min-w-52 p-1 text-sm">
          {FORMATS.map(({ format, label, hint }) => (
            <DropdownMenu.Item key={format} className={ITEM} onSelect={() => mutate({ format, stop: new AbortController() })}>
              {label}
              <span className="ml-auto text-xs text-muted">{hint}</span>
            </DropdownMenu.Item>
          ))}
          {workspace && role && allows(role, 'workspace.update') && <MembersItem workspace={workspace} />}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

/** The workspace's switch: whether members, who read all of a list, may also take it away as a file. */
function MembersItem({ workspace: { id, members_export: on } }: { readonly workspace: Workspace }) {
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: (next: boolean) => call<Workspace>(`/api/workspaces/${id}`, { method: 'PATCH', body: { members_export: next } }),
    onSuccess: ({ members_export: now }) => toast(now ? 'Members may export the lists of this workspace' : 'Members may not export any more'),
    onError: (error) => toast('The setting was not changed', { description: sentenceOf(error), duration: FAILURE_MS }),
    onSettled: () => queries.invalidateQueries({ queryKey: workspacesQuery.queryKey }),
  });
  return (
    <>
      <DropdownMenu.Separator className="my-1 border-t border-line" />
      <DropdownMenu.CheckboxItem checked={on} className={ITEM} onCheckedChange={(next) => change.mutate(next)}>
        Members may export
        <DropdownMenu.ItemIndicator className="ml-auto">
          <Check size={14} />
        </DropdownMenu.ItemIndicator>
      </DropdownMenu.CheckboxItem>
    </>
  );
}
