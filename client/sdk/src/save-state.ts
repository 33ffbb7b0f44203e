/** What the top bar says about a person's edits: one word for one state. */

import { type Role, allows } from './permissions.ts';

/** Why a session has ended for good. */
export type Ended = 'signed_out' | 'other_person' | 'no_access' | 'gone' | 'quarantined' | 'too_many_refusals' | 'outdated';

export type Link =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  /** The network is away, or the server did not answer: trying again. */
  | { readonly kind: 'waiting'; readonly offline: boolean }
  /** `sentence` is the server's own, where it gave one. */
  | { readonly kind: 'ended'; readonly why: Ended; readonly sentence: string };

export type SaveState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'saved' }
  | { readonly kind: 'saving' }
  | { readonly kind: 'offline'; readonly waiting: number }
  | { readonly kind: 'reconnecting' }
  | { readonly kind: 'refused'; readonly count: number }
  | { readonly kind: 'view_only' }
  | { readonly kind: 'ended'; readonly why: Ended; readonly waiting: number };

export interface SaveFacts {
  readonly link: Link;
  readonly loaded: boolean;
  readonly waiting: number;
  readonly refused: number;
  readonly role: Role | null;
}

/** Decides the state; what needs the person's attention most goes first. */
export function saveState({ link, loaded, waiting, refused, role }: SaveFacts): SaveState {
  if (link.kind === 'ended') return { kind: 'ended', why: link.why, waiting };
  if (link.kind === 'connecting') return { kind: 'connecting' };
  if (link.kind !== 'live' && (waiting > 0 || link.offline)) return { kind: 'offline', waiting };
  if (link.kind !== 'live') return loaded ? { kind: 'reconnecting' } : { kind: 'connecting' };
  if (refused > 0) return { kind: 'refused', count: refused };
  if (waiting > 0) return { kind: 'saving' };
  if (role !== null && !allows(role, 'rows.edit')) return { kind: 'view_only' };
  return { kind: 'saved' };
}
