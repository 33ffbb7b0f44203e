/** The frame of the app: side bar at the left, a page at the right. */

import { type ReactNode, useCallback, useState } from 'react';

import type { Person } from '../account/account.ts';
import type { Workspace } from '../api/queries.ts';
import { SideBar } from './side-bar.tsx';

interface FrameProps {
  readonly workspace: Workspace | undefined;
  readonly workspaces: readonly Workspace[];
  readonly person: Person;
  /** The page; `onMenu` opens the side bar where it is a drawer. */
  readonly children: (onMenu: () => void) => ReactNode;
}

export function Frame({ workspace, workspaces, person, children }: FrameProps) {
  const [open, setOpen] = useState(false);
  const close = useCallback(() => setOpen(false), []);
  return (
    <div className="flex h-full">
      <SideBar workspace={workspace} workspaces={workspaces} person={person} open={open} onClose={close} />
      <main className="flex min-w-0 flex-1">{children(() => setOpen(true))}</main>
    </div>
  );
}
