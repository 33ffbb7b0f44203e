/** A workspace's list, or a notice where there is none. */

import { allows } from '@rowhouse/sdk';
import { useQuery } from '@tanstack/react-query';
import { Link, Navigate, useParams } from 'react-router';

import type { Person } from '../account/account.ts';
import { type Workspace, listQuery, listsQuery, workspacesQuery } from '../api/queries.ts';
import { ListView } from '../list/list-view.tsx';
import { useSession } from '../list/use-session.ts';
import { Frame } from '../shell/frame.tsx';
import { NewListButton } from '../shell/new-list-button.tsx';
import { GridSkeleton, Notice } from '../shell/states.tsx';

/** `/`, `/workspaces/:workspaceId`: goes to the workspace's first list. */
export function WorkspacePage({ person }: { readonly person: Person }) {
  const { workspaceId } = useParams();
  const { data: workspaces, error, refetch } = useQuery(workspacesQuery);
  const workspace = workspaces?.find(({ id }) => id === workspaceId) ?? (workspaceId ? undefined : workspaces?.[0]);
  const lists = useQuery({ ...listsQuery(workspace?.id ?? ''), enabled: workspace !== undefined });
  const first = lists.data?.[0];
  if (first) return <Navigate to={`/lists/${first.id}`} replace />;
  const failed = error ?? lists.error;
  return (
    <Frame workspace={workspace} workspaces={workspaces ?? []} person={person}>
      {() =>
        failed ? (
          <Notice alert title="Your lists could not be loaded" action={<Retry onRetry={() => void (error ? refetch() : lists.refetch())} />}>
            {failed.message}
          </Notice>
        ) : workspaces && !workspace ? (
          <Notice title="You are in no such workspace">Ask one of its owners or admins to add you.</Notice>
        ) : workspace && lists.data ? (
          <NoLists workspace={workspace} />
        ) : (
          <GridSkeleton />
        )
      }
    </Frame>
  );
}

function NoLists({ workspace }: { readonly workspace: Workspace }) {
  if (!allows(workspace.role, 'lists.manage')) return <Notice title="No lists yet">An owner or admin of the workspace can make the first one.</Notice>;
  const begin = (
    <div className="flex flex-wrap justify-center gap-2">
      <NewListButton workspace={workspace} className="control control-primary" />
      <Link to={`/workspaces/${workspace.id}/import`} className="control border border-line">
        New list from a file
      </Link>
    </div>
  );
  return (
    <Notice title="No lists yet" action={begin}>
      Begin with templates for real estate, with an empty list, or with a CSV, Excel or JSON file.
    </Notice>
  );
}

function Retry({ onRetry }: { readonly onRetry: () => void }) {
  return (
    <button type="button" className="control control-primary" onClick={onRetry}>
      Try again
    </button>
  );
}

/** `/lists/:listId`. */
export function ListPage({ person }: { readonly person: Person }) {
  const listId = useParams()['listId'] ?? '';
  const { data: workspaces = [] } = useQuery(workspacesQuery);
  const { data: list } = useQuery(listQuery(listId));
  const live = useSession(listId, person.id);
  const workspace = workspaces.find(({ id }) => id === list?.workspace_id);
  return (
    <Frame workspace={workspace ?? workspaces[0]} workspaces={workspaces} person={person}>
      {(onMenu) =>
        live ? (
          <ListView
            key={listId}
            {...live}
            listId={listId}
            workspaceId={list?.workspace_id ?? ''}
            workspace={workspace}
            title={list?.name ?? ''}
            onMenu={onMenu}
          />
        ) : (
          <GridSkeleton />
        )
      }
    </Frame>
  );
}
