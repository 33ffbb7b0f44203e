/** The save state in the top bar: a word, and for refused edits the list of what was typed. */

import type { Column, Ended, Refusal, SaveState } from '@rowhouse/sdk';
import { Popover } from 'radix-ui';

import type { Names } from '../cells/names.ts';
import { RefusedList } from './refused-list.tsx';

const ENDED: Readonly<Record<Ended, string>> = {
  signed_out: 'Signed out',
  no_access: 'No access',
  gone: 'List not found',
  quarantined: 'List locked',
  too_many_refusals: 'Paused',
  outdated: 'Reload needed',
};

function edits(count: number): string {
  return count === 1 ? '1 edit' : `${count} edits`;
}

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

interface SaveWordProps {
  readonly state: SaveState;
  readonly refusals: readonly Refusal[];
  readonly columns: readonly Column[];
  readonly names: Names;
  readonly rowName: (row: string) => string;
  readonly onDismiss: () => void;
}

export function SaveWord({ state, refusals, onDismiss, ...naming }: SaveWordProps) {
  const word = saveWord(state);
  const shared = `text-sm font-medium numbers whitespace-nowrap ${tone(state)}`;
  if (refusals.length === 0) {
    return (
      <span data-testid="save-state" role="status" className={`${shared} min-w-14 text-right`}>
        {word}
      </span>
    );
  }
  const count = `${edits(refusals.length)} refused`;
  return (
    <Popover.Root>
      <Popover.Trigger data-testid="save-state" className={`control bg-warning-tint ${shared}`}>
        {state.kind === 'refused' ? word : `${word} · ${count}`}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content align="end" sideOffset={6} collisionPadding={8} className="float z-40 w-[360px] max-w-[calc(100vw-16px)]">
          <RefusedList refusals={refusals} onDismiss={onDismiss} {...naming} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
