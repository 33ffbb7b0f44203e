/** Presence: who is in the list, and at which cell. The server stamps the person; the client says only where. */

import type { Awareness } from 'y-protocols/awareness';

import { isObject } from './json.ts';
import { type User, readUser } from './wire.ts';

export interface Cursor {
  readonly row: string;
  readonly column: string;
  readonly editing: boolean;
}

export interface Peer {
  /** The Yjs client id: one person may be here in two windows. */
  readonly client: number;
  readonly user: User;
  readonly cursor: Cursor | null;
}

/** Writes where the person is into the awareness state; `null` = nowhere. */
export function setCursor(awareness: Awareness, cursor: Cursor | null): void {
  awareness.setLocalStateField('cursor', cursor);
}

function readCursor(value: unknown): Cursor | null {
  if (!isObject(value) || typeof value['row'] !== 'string' || typeof value['column'] !== 'string') return null;
  return { row: value['row'], column: value['column'], editing: value['editing'] === true };
}

/** Lists everybody else, by client id; states without the server's stamp are left out. */
export function peers(awareness: Awareness): Peer[] {
  const found: Peer[] = [];
  for (const [client, state] of awareness.getStates()) {
    const user: unknown = state['user'];
    if (client === awareness.clientID || !isObject(user) || typeof user['id'] !== 'string') continue;
    found.push({ client, user: readUser(user), cursor: readCursor(state['cursor']) });
  }
  return found.toSorted((left, right) => left.client - right.client);
}
