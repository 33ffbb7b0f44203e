/** What a person can do to the list on screen: the grid's actions and the buttons', over one session. */

import { type Change, type ListDocument, type Session, restoreRows, trashRows } from '@rowhouse/sdk';
import { useMemo, useRef, useState } from 'react';
import { toast } from 'sonner';

import type { GridActions } from '../grid/hand.ts';
import { carryRows, insertRow, moveRows } from './edits.ts';
import { rowCount } from './use-size.ts';

/** More do not fit into one edit. */
const ROWS_MOVED_MAX = 10_000;

function trash(session: Session, rows: readonly string[]): void {
  const { document, user } = session.snapshot;
  if (rows.length === 0 || user === null) return;
  session.edit(trashRows(document, rows, { by: user.id, at: new Date().toISOString() }));
  toast(`Trashed ${rowCount(rows.length)}`, {
    action: { label: 'Undo', onClick: () => session.edit(restoreRows(session.snapshot.document, rows)) },
  });
}

function insert(session: Session, at: number): number {
  const { document } = session.snapshot;
  const { row, step } = insertRow(document, at);
  session.edit(step);
  return document.rows.indexOf(row);
}

function early(): void {
  toast('The list is still being read. Do it again in a moment.');
}

function move(session: Session, rows: readonly string[], moved: (document: ListDocument) => Change[]): void {
  if (rows.length > ROWS_MOVED_MAX) return void toast(`At most ${rowCount(ROWS_MOVED_MAX)} can be moved at once. Mark fewer.`);
  const { document } = session.snapshot;
  if (!document.isInflated) return void early(); // the neighbours may be still to come
  const step = moved(document);
  if (step.length > 0) session.edit(step);
}

export interface Deeds extends GridActions {
  readonly marked: readonly string[];
  readonly target: { readonly row: number } | null;
  /** Adds a row at the end and goes there. */
  readonly add: () => void;
}

/** `editable` = the list is loaded and the person's role may change rows. */
export function useDeeds(session: Session, editable: boolean): Deeds {
  const [marked, setMarked] = useState<readonly string[]>([]);
  const [target, setTarget] = useState<{ readonly row: number } | null>(null);
  const allowed = useRef(editable);
  allowed.current = editable;
  const actions = useMemo((): GridActions => {
    const guarded = (deed: () => void): void => {
      if (allowed.current) deed();
    };
    return {
      edit: (step: readonly Change[]) => guarded(() => step.length > 0 && session.edit(step)),
      undo: () => guarded(() => session.undo()),
      redo: () => guarded(() => session.redo()),
      trash: (rows) => guarded(() => trash(session, rows)),
      insert: (at) => (allowed.current ? insert(session, at) : null),
      move: (rows, at) => guarded(() => move(session, rows, (document) => moveRows(document, rows, at))),
      carry: (rows, step) => guarded(() => move(session, rows, (document) => carryRows(document, rows, step))),
      point: (cursor) => session.point(cursor),
      selected: setMarked,
      keep: (edit) => session.refusals.keep(edit),
      early,
      skipped: (count) => toast(`${count} ${count === 1 ? 'cell was' : 'cells were'} left as before: the text does not fit the column.`),
    };
  }, [session]);
  return useMemo((): Deeds => {
    const add = (): void => {
      const { document } = session.snapshot;
      // The end of the list is not known before all of it has been read.
      if (!document.isInflated) return void document.inflated.then(add);
      const row = actions.insert(session.snapshot.document.rows.length);
      if (row !== null) setTarget({ row });
    };
    return { ...actions, marked, target, add };
  }, [session, actions, marked, target]);
}
