/** The edits that are not in the list, for the page: told at the moment, listed, copied, dismissed with a way back. */

import type { Refusal, Session, SessionSnapshot } from '@rowhouse/sdk';
import { useEffect, useMemo, useRef, useState } from 'react';
import { toast } from 'sonner';

import { type KeptLine, type Naming, edits, keptLines, keptTsv } from '../shell/kept-edits.ts';

const NOTICE = 'refused';
const NOTICE_MS = 12_000;

export interface Kept {
  /** Refused by the server, or cut short by the page; the newest first. */
  readonly refused: readonly KeptLine[];
  /** After an end: never saved, or cut short by it; the newest first. */
  readonly unsaved: readonly KeptLine[];
  /** How many of `unsaved` were still being typed. */
  readonly cut: number;
  /** Whether the list of them is open. */
  readonly open: boolean;
  readonly setOpen: (open: boolean) => void;
  /** Copies lines as rows of a spreadsheet. */
  readonly copy: (lines: readonly KeptLine[]) => void;
  /** Copies the value of one line alone. */
  readonly copyValue: (line: KeptLine) => void;
  readonly dismiss: () => void;
}

async function put(session: Session, text: string, lines: readonly KeptLine[]): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Browsers refuse for many reasons, and offer no clipboard at all over plain HTTP.
    toast('The browser did not allow copying. Select the text in the list and copy it by hand.');
    return;
  }
  session.refusals.copied(lines.map(({ id }) => id));
  toast(`Copied ${edits(lines.length)}`);
}

function dismiss(session: Session): void {
  const dismissed = session.refusals.dismiss();
  toast(`Dismissed ${edits(dismissed.length)}`, { action: { label: 'Undo', onClick: () => session.refusals.restore(dismissed) } });
}

export function useKept(session: Session, { refusals, unsaved, link }: SessionSnapshot, naming: Naming): Kept {
  const [open, setOpen] = useState(false);
  const ended = link.kind === 'ended';
  const cut = useMemo(() => refusals.filter(({ reason }) => ended && reason === 'unsaved'), [refusals, ended]);
  const refused = useMemo(() => (cut.length > 0 ? refusals.filter((edit) => !cut.includes(edit)) : refusals), [refusals, cut]);
  const kept: Kept = {
    refused: useMemo(() => keptLines(refused, naming), [refused, naming]),
    unsaved: useMemo(() => keptLines([...unsaved, ...cut], naming), [unsaved, cut, naming]),
    cut: cut.length,
    open,
    setOpen,
    copy: (lines) => void put(session, keptTsv(lines), lines),
    copyValue: (line) => void put(session, line.copied, [line]),
    dismiss: () => {
      dismiss(session);
      setOpen(false);
    },
  };
  // After an end the page itself shows the list.
  useNotice(refusals, kept, open || ended);
  return kept;
}

/** Tells refusals when they come; those that come while the notice is up are counted into it. */
function useNotice(refusals: readonly Refusal[], { refused, copy, setOpen }: Kept, listed: boolean): void {
  const known = useRef<ReadonlySet<string>>(new Set());
  const told = useRef<ReadonlySet<string>>(new Set());
  useEffect(() => {
    const fresh = refusals.filter(({ id }) => !known.current.has(id)).map(({ id }) => id);
    known.current = new Set(refusals.map(({ id }) => id));
    if (listed || refusals.length === 0) {
      toast.dismiss(NOTICE);
      told.current = new Set();
    } else if (fresh.length > 0) {
      told.current = new Set([...told.current, ...fresh]);
      tell(
        refused.filter(({ id }) => told.current.has(id)),
        copy,
        () => setOpen(true),
        () => (told.current = new Set()),
      );
    }
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- it speaks once about each refusal, whatever else changes
  }, [refusals, listed]);
}

function tell(lines: readonly KeptLine[], copy: Kept['copy'], show: () => void, gone: () => void): void {
  const reasons = new Set(lines.map(({ reason }) => reason));
  const [first] = lines;
  const why = reasons.size === 1 ? first?.reason : 'Each stands in the list with its reason.';
  toast(lines.length === 1 ? '1 edit was refused' : `${edits(lines.length)} were refused`, {
    id: NOTICE,
    description: lines.length === 1 ? `${first?.place}: ${why}` : why,
    duration: NOTICE_MS,
    ...(lines.some(({ copied }) => copied) ? { action: { label: 'Copy', onClick: () => copy(lines) } } : {}),
    cancel: { label: 'Show', onClick: show },
    onDismiss: gone,
    onAutoClose: gone,
  });
}
