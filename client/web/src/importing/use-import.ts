/** An import as the server says it is, followed while it is under way. */

import { type QueryClient, queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';

import { type Import, getImport, streamImport } from '../api/imports.ts';
import { type ListSummary, listsQuery } from '../api/queries.ts';
import { type Followed, follow } from './follow.ts';

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal.addEventListener('abort', stop);
  });
}

const PORTS = { get: getImport, stream: streamImport, wait };
const keyOf = (id: string) => ['imports', id, 'state'] as const;

/** One stream for all places of the page that show the import; it ends when none does. */
const importQuery = (id: string) =>
  queryOptions({
    queryKey: keyOf(id),
    staleTime: 0,
    queryFn: async ({ signal, client, queryKey }): Promise<Followed | null> => {
      let last: Followed | null = null;
      for await (last of follow(id, PORTS, signal)) client.setQueryData(queryKey, last);
      return last;
    },
  });

/** Takes over what an answer says of an import, and follows it from there. */
export function takeImport(queries: QueryClient, job: Import): void {
  queries.setQueryData(keyOf(job.id), { job, reached: true });
  void queries.invalidateQueries({ queryKey: keyOf(job.id) });
}

/** Follows an import. A list that it makes appears in the side bar. */
export function useImport(id: string) {
  const queries = useQueryClient();
  const found = useQuery(importQuery(id));
  const { list_id: list, workspace_id: workspace = '' } = found.data?.job ?? {};
  useEffect(() => {
    const { queryKey } = listsQuery(workspace);
    const known = queries.getQueryData<readonly ListSummary[]>(queryKey);
    if (list && known && !known.some((each) => each.id === list)) void queries.invalidateQueries({ queryKey });
  }, [queries, workspace, list]);
  return found;
}
