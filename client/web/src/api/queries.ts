/** What the pages read over REST: the person's workspaces, a workspace's lists and people. */

import { queryOptions } from '@tanstack/react-query';
import type { ColumnType, JsonObject, Role } from '@rowhouse/sdk';

import { call } from '../account/account.ts';
import type { Template } from '../new-list/templates.ts';

export interface Workspace {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** Whether members may export its lists. */
  readonly members_export: boolean;
}

export interface ListSummary {
  readonly id: string;
  readonly name: string;
  readonly workspace_id?: string;
}

export interface Member {
  readonly user_id: string;
  readonly name: string;
  readonly email: string;
  readonly hue: number;
  readonly role: Role;
}

export interface ColumnSummary {
  readonly id: string;
  readonly name: string;
  readonly type: ColumnType;
  readonly config: JsonObject;
  readonly locked: boolean;
}

interface Page<T> {
  readonly items: readonly T[];
  readonly next_cursor: string | null;
}

async function everything<T>(path: string, signal: AbortSignal): Promise<readonly T[]> {
  const items: T[] = [];
  for (let cursor: string | null = null; ; ) {
    const page: Page<T> = await call<Page<T>>(cursor ? `${path}?cursor=${encodeURIComponent(cursor)}` : path, { signal });
    items.push(...page.items);
    cursor = page.next_cursor;
    if (!cursor) return items;
  }
}

export const workspacesQuery = queryOptions({
  queryKey: ['workspaces'],
  queryFn: ({ signal }) => everything<Workspace>('/api/workspaces', signal),
});

export const listsQuery = (workspaceId: string) =>
  queryOptions({
    queryKey: ['workspaces', workspaceId, 'lists'],
    queryFn: ({ signal }) => everything<ListSummary>(`/api/workspaces/${workspaceId}/lists`, signal),
  });

export const listQuery = (listId: string) =>
  queryOptions({
    queryKey: ['lists', listId],
    queryFn: ({ signal }) => call<ListSummary & { readonly workspace_id: string }>(`/api/lists/${listId}`, { signal }),
  });

export const columnsQuery = (listId: string) =>
  queryOptions({
    queryKey: ['lists', listId, 'columns'],
    enabled: listId !== '',
    queryFn: ({ signal }) => everything<ColumnSummary>(`/api/lists/${listId}/columns`, signal),
  });

export const templatesQuery = queryOptions({
  queryKey: ['templates'],
  queryFn: ({ signal }) => everything<Template>('/api/templates', signal),
  staleTime: Infinity,
});

export const membersQuery = (workspaceId: string) =>
  queryOptions({
    queryKey: ['workspaces', workspaceId, 'members'],
    enabled: workspaceId !== '',
    queryFn: ({ signal }) => everything<Member>(`/api/workspaces/${workspaceId}/members`, signal),
    staleTime: 60_000,
  });
