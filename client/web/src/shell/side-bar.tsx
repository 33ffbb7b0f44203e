/** The side bar: the workspace, its lists, and who is signed in. A drawer on a telephone. */

import { allows } from '@rowhouse/sdk';
import { useQuery } from '@tanstack/react-query';
import { Check, ChevronsUpDown, FileUp } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { Suspense, lazy, memo } from 'react';
import { Link, NavLink, useNavigate } from 'react-router';

import type { Person } from '../account/account.ts';
import { type Workspace, listsQuery } from '../api/queries.ts';
import { useBegunBy } from '../importing/begun.ts';
import { usePending } from '../list/use-session.ts';
import { type ThemeChoice, useTheme } from '../look/theme.ts';
import { edits } from './kept-edits.ts';
import { NewListButton } from './new-list-button.tsx';
import { SignOutDialog, SignOutItem, useSignOut } from './sign-out.tsx';

const RunningImports = lazy(() => import('../importing/running-imports.tsx').catch(() => ({ default: NotShown })));

const THEMES: readonly (readonly [ThemeChoice, string])[] = [['system', 'Same as the machine'], ['light', 'Light'], ['dark', 'Dark']];
const MENU = 'float z-40 min-w-56 p-1 text-sm';
const ITEM = 'flex h-7 items-center gap-2 rounded px-2 outline-none data-[highlighted]:bg-hover';
const NEW_LIST = 'mt-px flex w-full items-center gap-2 rounded-control px-2 py-1 text-left text-sm text-muted hover:bg-hover hover:text-ink';

interface SideBarProps {
  readonly workspace: Workspace | undefined;
  readonly workspaces: readonly Workspace[];
  readonly person: Person;
  readonly open: boolean;
  readonly onClose: () => void;
}

/** Rendered for what it shows only: the page beside it is rendered at every edit. */
export const SideBar = memo(function SideBar({ workspace, workspaces, person, open, onClose }: SideBarProps) {
  const begun = useBegunBy(person.id);
  return (
    <>
      {open && <button type="button" aria-label="Close the menu" className="fixed inset-0 z-20 bg-black/30 sm:hidden" onClick={onClose} />}
      <nav
        aria-label="Workspace"
        className={`${open ? 'flex' : 'hidden'} fixed inset-y-0 left-0 z-30 w-[232px] shrink-0 flex-col border-r border-line bg-panel sm:static sm:z-auto sm:flex`}
      >
        <WorkspaceMenu workspace={workspace} workspaces={workspaces} />
        <p className="px-4 pt-3 pb-1 text-xs font-medium text-muted">Lists</p>
        <div className="flex-1 overflow-y-auto px-2">
          {workspace && <Lists workspace={workspace} onFollow={onClose} />}
          {workspace && <NewListButton workspace={workspace} onMade={onClose} className={NEW_LIST} />}
          {workspace && allows(workspace.role, 'lists.manage') && <ListFromFile workspace={workspace} onFollow={onClose} />}
        </div>
        {begun.length > 0 && (
          <Suspense fallback={null}>
            <RunningImports person={person} onFollow={onClose} />
          </Suspense>
        )}
        <PersonMenu person={person} />
      </nav>
    </>
  );
});

function Lists({ workspace, onFollow }: { readonly workspace: Workspace; readonly onFollow: () => void }) {
  const { data, error, refetch, isPending } = useQuery(listsQuery(workspace.id));
  const pending = usePending();
  if (isPending) return <p className="appear px-2 py-1 text-sm text-muted">Loading…</p>;
  if (error) {
    return (
      <p role="alert" className="px-2 py-1 text-sm text-muted">
        The lists could not be loaded.{' '}
        <button type="button" className="text-accent underline" onClick={() => void refetch()}>
          Try again
        </button>
      </p>
    );
  }
  if (data.length === 0) return <p className="px-2 py-1 text-sm text-muted">This workspace has no lists yet.</p>;
  return (
    <ul className="space-y-px">
      {data.map(({ id, name }) => (
        <li key={id}>
          <NavLink
            to={`/lists/${id}`}
            data-testid={`list-link-${name}`}
            onClick={onFollow}
            className={({ isActive }) =>
              `flex items-center gap-2 rounded-control px-2 py-1 text-sm ${isActive ? 'bg-tint font-medium text-accent' : 'text-ink hover:bg-hover'}`
            }
          >
            <span className="mr-auto truncate">{name}</span>
            <Pending count={pending.get(id) ?? 0} />
          </NavLink>
        </li>
      ))}
    </ul>
  );
}

function ListFromFile({ workspace: { id }, onFollow }: { readonly workspace: Workspace; readonly onFollow: () => void }) {
  return (
    <Link to={`/workspaces/${id}/import`} data-testid="new-list-import" onClick={onFollow} className={NEW_LIST}>
      <FileUp size={14} /> New list from a file
    </Link>
  );
}

function NotShown() {
  return <p className="border-t border-line px-4 py-2 text-xs text-muted">Your imports go on. Load the page again to see how far they are.</p>;
}

/** A mark at a list that holds edits which are not saved, or were refused and not copied. */
function Pending({ count }: { readonly count: number }) {
  if (count === 0) return null;
  const words = `${edits(count)} to save or copy`;
  return (
    <span aria-label={words} title={words} className="numbers shrink-0 rounded bg-warning-tint px-1 text-xs text-warning">
      {count}
    </span>
  );
}

function WorkspaceMenu({ workspace, workspaces }: Pick<SideBarProps, 'workspace' | 'workspaces'>) {
  const navigate = useNavigate();
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger className="flex h-12 items-center gap-2 border-b border-line px-4 text-left font-semibold hover:bg-hover">
        <span className="truncate">{workspace?.name ?? 'Rowhouse'}</span>
        <ChevronsUpDown size={14} className="ml-auto shrink-0 text-muted" />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content align="start" sideOffset={4} className={MENU}>
          {workspaces.map(({ id, name, role }) => (
            <DropdownMenu.Item key={id} className={ITEM} onSelect={() => void navigate(`/workspaces/${id}`)}>
              <span className="truncate">{name}</span>
              <span className="ml-auto text-xs text-muted">{role}</span>
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

function PersonMenu({ person }: { readonly person: Person }) {
  const { choice, choose } = useTheme();
  const signOut = useSignOut(person.id);
  return (
    <DropdownMenu.Root>
      <SignOutDialog signOut={signOut} />
      <DropdownMenu.Trigger data-testid="person-menu" className="flex flex-col border-t border-line px-4 py-2 text-left hover:bg-hover">
        <span className="w-full truncate text-sm font-medium">{person.name}</span>
        <span className="w-full truncate text-xs text-muted">{person.email}</span>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content align="start" sideOffset={4} className={MENU}>
          <DropdownMenu.Label className="px-2 py-1 text-xs text-muted">Look</DropdownMenu.Label>
          <DropdownMenu.RadioGroup value={choice} onValueChange={(value) => choose(value as ThemeChoice)}>
            {THEMES.map(([value, label]) => (
              <DropdownMenu.RadioItem key={value} value={value} className={ITEM}>
                {label}
                <DropdownMenu.ItemIndicator className="ml-auto">
                  <Check size={14} />
                </DropdownMenu.ItemIndicator>
              </DropdownMenu.RadioItem>
            ))}
          </DropdownMenu.RadioGroup>
          <DropdownMenu.Separator className="my-1 h-px bg-line" />
          <SignOutItem signOut={signOut} className={ITEM} />
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
