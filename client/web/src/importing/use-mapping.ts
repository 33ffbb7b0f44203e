/** What a person chooses for a file, kept over errors and reloads, and the server's view of it. */

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';

import { type Choices, type Import, type Preview, previewImport, runImport } from '../api/imports.ts';
import { useBegun, useDrafts } from './begun.ts';
import { askable, chosen } from './mapping.ts';
import { takeImport } from './use-import.ts';

const NOTHING: Partial<Choices> = {};
/** While somebody types a name the server is not asked at each letter. */
const SETTLED_MS = 300;

function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

export interface Mapping {
  /** The newest preview that came; `null` before the first. */
  readonly preview: Preview | null;
  readonly choices: Choices | null;
  /** Whether the preview is that of the choices on screen. */
  readonly current: boolean;
  /** Whether looking waits for the network. */
  readonly offline: boolean;
  readonly previewError: Error | null;
  readonly look: () => void;
  readonly change: (change: Partial<Choices>) => void;
  /** Puts choices in the place of all that were made. */
  readonly replace: (draft: Partial<Choices>) => void;
  readonly draft: Partial<Choices>;
  readonly run: () => void;
  readonly running: boolean;
  readonly runError: Error | null;
}

export function useMapping(job: Import, person: string): Mapping {
  const queries = useQueryClient();
  const draft = useDrafts(({ drafts }) => drafts[job.id]) ?? NOTHING;
  const { keep, drop } = useDrafts.getState();
  const settled = useSettled(draft);
  const looked = useQuery({
    queryKey: ['imports', job.id, 'preview', settled],
    queryFn: ({ signal }) => previewImport(job.id, askable(settled), signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const last = useRef<Preview>(null);
  if (looked.data) last.current = looked.data;
  const preview = last.current;
  const choices = preview && chosen(preview, draft);
  const run = useMutation({
    mutationFn: (all: Choices) => runImport(job.id, all),
    onSuccess: (begun) => {
      useBegun.getState().remember(person, job.id);
      takeImport(queries, begun);
      drop(job.id);
    },
  });
  return {
    preview,
    choices,
    current: settled === draft && looked.data !== undefined,
    offline: looked.fetchStatus === 'paused',
    previewError: looked.error,
    look: () => void looked.refetch(),
    change: (change) => keep(job.id, { ...draft, ...change }),
    replace: (next) => keep(job.id, next),
    draft,
    run: () => choices && run.mutate(choices),
    running: run.isPending,
    runError: run.error,
  };
}
