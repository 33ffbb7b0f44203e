/** What the top bar says about a person's edits: one word for one state, and never “saved” before the server has said so. */

import type { Cause } from './closing.ts';
import { type Role, allows } from './permissions.ts';

/** Why a session has ended for good. */
export type Ended = 'signed_out' | 'other_person' | 'no_access' | 'gone' | 'quarantined' | 'too_many_refusals' | 'outdated';

export type Link =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  /** The network is away. */
  | { readonly kind: 'offline' }
  /**
   * There is no connection: the next attempt is at `until` (milliseconds since 1970), or under way (`null`).
   * `brief` = for a moment only, so far.
   */
  | { readonly kind: 'waiting'; readonly cause: Cause; readonly until: number | null; readonly brief: boolean }
  /** `sentence` is the server's own, where it gave one. */
  | { readonly kind: 'ended'; readonly why: Ended; readonly sentence: string };

/** Edits that are not saved; `kept` = all of them would outlive this page, on this device. */
interface Unsaved {
  readonly waiting: number;
  readonly kept: boolean;
}

export type SaveState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'saved' }
  | { readonly kind: 'saving' }
  /** The server is connected, and slow to say that edits are saved. */
  | ({ readonly kind: 'slow' } & Unsaved)
  | ({ readonly kind: 'offline' } & Unsaved)
  | ({ readonly kind: 'reconnecting'; readonly cause: Cause; readonly until: number | null } & Unsaved)
  | { readonly kind: 'refused'; readonly count: number }
  | { readonly kind: 'view_only' }
  | ({ readonly kind: 'ended'; readonly why: Ended } & Unsaved);

export interface SaveFacts extends Unsaved {
  readonly link: Link;
  readonly loaded: boolean;
  readonly slow: boolean;
  readonly refused: number;
  readonly role: Role | null;
}

/** Decides the state; what needs the person's attention most goes first. */
export function saveState({ link, loaded, waiting, kept, slow, refused, role }: SaveFacts): SaveState {
  if (link.kind === 'ended') return { kind: 'ended', why: link.why, waiting, kept };
  if (link.kind === 'offline') return { kind: 'offline', waiting, kept };
  if (link.kind === 'connecting') return { kind: 'connecting' };
  if (link.kind === 'waiting' && !link.brief) return { kind: 'reconnecting', cause: link.cause, until: link.until, waiting, kept };
  if (link.kind === 'waiting' && !loaded) return { kind: 'connecting' };
  if (refused > 0) return { kind: 'refused', count: refused };
  if (waiting > 0) return slow ? { kind: 'slow', waiting, kept } : { kind: 'saving' };
  if (role !== null && !allows(role, 'rows.edit')) return { kind: 'view_only' };
  return { kind: 'saved' };
}
