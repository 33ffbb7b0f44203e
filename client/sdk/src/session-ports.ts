/** What a session shows to its listeners, and what it needs from its surroundings. */

import type { Socket } from './connection.ts';
import type { ListDocument } from './document.ts';
import type { Json } from './json.ts';
import type { Role } from './permissions.ts';
import type { Peer } from './presence.ts';
import type { OutboxStore } from './safekeeping.ts';
import type { OpenSegments } from './segment-port.ts';
import type { Ended, Link, SaveState } from './save-state.ts';
import type { User } from './wire.ts';

/** An edit that is not in the list, with what the person had typed (`undefined` = no longer known). */
export interface Refusal {
  readonly id: string;
  /** A generation's key, or `<root>/<key>` for other roots; empty when the server named none. */
  readonly key: string;
  readonly reason: string;
  readonly value: Json | undefined;
  /** What stood there before, where that is known. */
  readonly before?: Json;
}

export interface SessionSnapshot {
  /** The list; while a fresh document is on its way, and after an end, what was last shown. */
  readonly document: ListDocument;
  readonly link: Link;
  readonly save: SaveState;
  /** Whether the list has been received, and can be written into. */
  readonly loaded: boolean;
  /** Whether there is something to read: the list, or what was shown before a fresh document was asked for. */
  readonly shown: boolean;
  readonly role: Role | null;
  readonly user: User | null;
  /** The refused edits, oldest first. */
  readonly refusals: readonly Refusal[];
  /** After an end, and where the device cannot keep them: the edits that are not saved. `restart` sends them again. */
  readonly unsaved: readonly Refusal[];
  /** How many edits are not in the list: not saved, or refused and not copied. */
  readonly pending: number;
  /** How many of them would be lost with this page: those that are not kept on the device. */
  readonly atRisk: number;
  readonly peers: readonly Peer[];
  readonly canUndo: boolean;
  readonly canRedo: boolean;
}

/** No ticket: the session ends with this reason. Anything else thrown by `ticket` is retried. */
export class TicketRefused extends Error {
  override readonly name = 'TicketRefused';
  constructor(readonly why: Ended) {
    super(`no ticket: ${why}`);
  }
}

/** What a session needs from its surroundings. */
export interface SessionPorts {
  /** Asks for a single-use ticket. Throws `TicketRefused` when there is none to be had. */
  readonly ticket: () => Promise<string>;
  /** Opens a socket with a ticket; `epoch` is that of the copy that the session has, if it has one. */
  readonly open: (ticket: string, epoch: number | null) => Socket;
  /** The id of the person whose session it is. */
  readonly person: string;
  /** Where their unsaved edits are kept, so that they outlive the page. */
  readonly store: OutboxStore;
  /** Where segments are read; on this thread where nothing is said. */
  readonly segments?: OpenSegments | undefined;
  readonly after: (delayMs: number, action: () => void) => () => void;
  readonly random: () => number;
  readonly now: () => Date;
}
