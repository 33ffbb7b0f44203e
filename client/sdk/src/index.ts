/** Rowhouse's TypeScript SDK: the list document, the live session, presence. No user interface. */

export * from './changes.ts';
export type { Cause } from './closing.ts';
export * from './comments.ts';
export type { Socket } from './connection.ts';
export { DeviceOutbox, type Locks } from './device-outbox.ts';
export * from './document.ts';
export * from './ids.ts';
export * from './json.ts';
export * from './permissions.ts';
export * from './positions.ts';
export type { Cursor, Peer } from './presence.ts';
export type { OutboxStore } from './safekeeping.ts';
export type { Ended, Link, SaveState } from './save-state.ts';
export * from './schema.ts';
export * from './segments.ts';
export { type Kept, Refusals, isTyped } from './refusals.ts';
export type { Rows } from './row-order.ts';
export { type OpenSegments, type ReadingWorker, inWorker, onThisThread } from './segment-port.ts';
export { Session } from './session.ts';
export { TicketRefused, type Refusal, type SessionPorts, type SessionSnapshot } from './session-ports.ts';
export { cellKey, parseKey, type Place } from './keys.ts';
export * from './values.ts';
export * from './views.ts';
export type { User } from './wire.ts';
