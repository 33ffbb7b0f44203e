/** The frame of an import: side bar, what is imported into what, which step it is. */

import { useQuery } from '@tanstack/react-query';
import { ArrowLeft, Menu } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';

import type { Person } from '../account/account.ts';
import { workspacesQuery } from '../api/queries.ts';
import { Frame } from '../shell/frame.tsx';

const STEPS = ['File', 'Columns', 'Import'] as const;

interface ImportFrameProps {
  readonly person: Person;
  readonly workspaceId: string;
  readonly title: string;
  /** From 0. */
  readonly step: number;
  /** Where “Back” leads: the list, or the workspace. */
  readonly back: string;
  readonly children: ReactNode;
}

export function ImportFrame({ person, workspaceId, title, step, back, children }: ImportFrameProps) {
  const { data: workspaces = [] } = useQuery(workspacesQuery);
  const workspace = workspaces.find(({ id }) => id === workspaceId) ?? workspaces[0];
  return (
    <Frame workspace={workspace} workspaces={workspaces} person={person}>
      {(onMenu) => (
        <section aria-label={title} className="flex min-w-0 flex-1 flex-col">
          <header className="flex h-12 shrink-0 items-center gap-2 border-b border-line px-3">
            <button type="button" aria-label="Open the menu" className="control !px-1.5 sm:hidden" onClick={onMenu}>
              <Menu size={18} />
            </button>
            <Link to={back} aria-label="Back" className="control !px-1.5">
              <ArrowLeft size={16} />
            </Link>
            <h1 className="mr-auto min-w-0 truncate text-lg font-semibold">{title}</h1>
            <Steps current={step} />
          </header>
          <div className="@container flex min-h-0 flex-1 flex-col overflow-y-auto">{children}</div>
        </section>
      )}
    </Frame>
  );
}

function Steps({ current }: { readonly current: number }) {
  return (
    <ol aria-label="Steps" className="flex shrink-0 gap-3 text-xs text-muted">
      {STEPS.map((name, index) => (
        <li key={name} aria-current={index === current ? 'step' : undefined} className={index === current ? 'font-semibold text-accent' : 'max-sm:sr-only'}>
          {index + 1} {name}
        </li>
      ))}
    </ol>
  );
}

/** The column of text in which a step stands. */
export function StepBody({ children }: { readonly children: ReactNode }) {
  return <div className="mx-auto w-full max-w-4xl flex-1 space-y-6 p-4 @2xl:p-6">{children}</div>;
}
