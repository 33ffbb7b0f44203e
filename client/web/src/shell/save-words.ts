/** The save state in words: a short one for the top bar, and what it means and what to do. Pure. */

import type { Cause, Ended, SaveState } from '@rowhouse/sdk';

import { edits } from './kept-edits.ts';

const ENDED: Readonly<Record<Ended, string>> = {
  signed_out: 'Signed out',
  other_person: 'Signed out',
  no_access: 'No access',
  gone: 'List not found',
  quarantined: 'List locked',
  too_many_refusals: 'Paused',
  outdated: 'Reload needed',
};

const WHY: Readonly<Record<Cause, string>> = {
  lost: 'Rowhouse does not answer.',
  restarting: 'Rowhouse is restarting.',
  busy: 'Rowhouse is overloaded and has asked to wait a little.',
};

/** Returns the word for a state. `seconds` = until the next attempt, where one is planned. */
export function saveWord(state: SaveState, seconds: number | null = null): string {
  switch (state.kind) {
    case 'connecting':
      return 'Connecting…';
    case 'saved':
      return 'Saved';
    case 'saving':
      return 'Saving…';
    case 'slow':
      return `Slow: ${edits(state.waiting)} waiting`;
    case 'offline':
      return `Offline${waiting(state.waiting)}`;
    case 'reconnecting':
      return `Reconnecting${seconds === null ? '…' : ` in ${seconds} s`}${waiting(state.waiting)}`;
    case 'refused':
      return `${edits(state.count)} refused`;
    case 'view_only':
      return 'View only';
    case 'ended':
      return ENDED[state.why] + (state.waiting > 0 ? `: ${edits(state.waiting)} not saved` : '');
  }
}

/** Says what a state means for the person, and what to do; empty where the word says it all. */
export function saveSentence(state: SaveState): string {
  switch (state.kind) {
    case 'slow':
      return `Rowhouse is slow to answer. ${kept(state, 'meanwhile')}`.trim();
    case 'offline':
      return `You are offline. ${kept(state, 'and saved once you are back')} ${goOn(state.kept)}`.replace('  ', ' ');
    case 'reconnecting':
      return `${WHY[state.cause]} ${kept(state, 'and saved once it is back')} ${goOn(state.kept)}`.replace('  ', ' ');
    default:
      return '';
  }
}

function waiting(count: number): string {
  return count > 0 ? `: ${edits(count)} waiting` : '';
}

function kept(state: { readonly waiting: number; readonly kept: boolean }, then: string): string {
  if (state.waiting === 0) return '';
  const verb = state.waiting === 1 ? 'is' : 'are';
  if (state.kept) return `${edits(state.waiting)} ${verb} kept on this device ${then}.`;
  return `${edits(state.waiting)} ${verb} in this page only, since this device cannot keep them: leave it open until they are saved, or copy them.`;
}

function goOn(safe: boolean): string {
  return safe ? 'You can go on working.' : '';
}

/** The colour of the word. */
export function tone({ kind }: SaveState): string {
  if (kind === 'saved') return 'text-saved';
  return kind === 'saving' || kind === 'connecting' || kind === 'view_only' ? 'text-muted' : 'text-warning';
}
