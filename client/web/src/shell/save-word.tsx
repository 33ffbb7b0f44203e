/** The save state in the top bar: a word, and for edits that are not in the list what was typed. */

import type { Ended, SaveState } from '@rowhouse/sdk';
import { Popover } from 'radix-ui';

import type { Kept } from '../list/use-kept.ts';
import { edits } from './kept-edits.ts';
import { RefusedList } from './refused-list.tsx';

const ENDED: Readonly<Record<Ended, string>> = {
  signed_out: 'Signed out',
  other_person: 'Signed out',
  no_access: 'No access',
  gone: 'List not found',
  quarantined: 'List locked',
  too_many_refusals: 'Paused',
  outdated: 'Reload needed',
};

/** Returns the word for a state. */
export function saveWord(state: SaveState): string {
  switch (state.kind) {
    case 'connecting':
      return 'Connecting…';
    case 'saved':
      return 'Saved';
    case 'saving':
      return 'Saving…';
    case 'offline':
      return state.waiting > 0 ? `Offline: ${edits(state.waiting)} waiting` : 'Offline';
    case 'reconnecting':
      return 'Reconnecting…';
    case 'refused':
      return `${edits(state.count)} refused`;
    case 'view_only':
      return 'View only';
    case 'ended':
      return ENDED[state.why] + (state.waiting > 0 ? `: ${edits(state.waiting)} not saved` : '');
  }
}

function tone({ kind }: SaveState): string {
  if (kind === 'saved') return 'text-saved';
  return kind === 'refused' || kind === 'offline' || kind === 'ended' ? 'text-warning' : 'text-muted';
}

export function SaveWord({ state, kept }: { readonly state: SaveState; readonly kept: Kept }) {
  const { refused, unsaved, cut, open, setOpen } = kept;
  const word = saveWord(state.kind === 'ended' ? { ...state, waiting: state.waiting + cut } : state);
  const shared = `text-sm font-medium numbers whitespace-nowrap ${tone(state)}`;
  if (refused.length + unsaved.length === 0) {
    return (
      <span data-testid="save-state" role="status" className={`${shared} min-w-14 text-right`}>
        {word}
      </span>
    );
  }
  const more = state.kind !== 'refused' && refused.length > 0 ? ` · ${edits(refused.length)} refused` : '';
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger data-testid="save-state" className={`control min-w-0 bg-warning-tint ${shared}`}>
        <span className="truncate">{word + more}</span>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="end"
          sideOffset={6}
          collisionPadding={8}
          className="float z-40 flex max-h-[60vh] w-[360px] max-w-[calc(100vw-16px)] flex-col"
          // The notice that opens the list gives the focus back to where it was.
          onFocusOutside={(event) => event.preventDefault()}
        >
          <KeptLists kept={kept} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

/** What was never saved, then what was refused. */
export function KeptLists({ kept }: { readonly kept: Kept }) {
  const { refused, unsaved, copy, copyValue, dismiss } = kept;
  return (
    <>
      {unsaved.length > 0 && <RefusedList title="Edits not saved" lines={unsaved} onCopy={copy} onCopyValue={copyValue} />}
      {refused.length > 0 && (
        <RefusedList title="Refused edits" lines={refused} onCopy={copy} onCopyValue={copyValue}>
          <button type="button" className="control" onClick={dismiss}>
            Dismiss
          </button>
        </RefusedList>
      )}
    </>
  );
}
