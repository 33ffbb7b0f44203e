/**
 * Frames on the socket of a list: y-protocols version 1, and Rowhouse's own two messages.
 *
 * Pure: bytes in, values out, and back. Decoding is total; what this client does not know is `unknown`.
 */

import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';

import { isObject } from './json.ts';
import { type Role, isRole } from './permissions.ts';

const SYNC = 0;
const AWARENESS = 1;
const PERMISSION_DENIED = 2;
const QUERY_AWARENESS = 3;
const CONTROL = 100;

export interface User {
  readonly id: string;
  readonly name: string;
  /** The colour of their cursor: a hue in degrees, 0 to 359. */
  readonly hue: number;
}

export interface RefusedKey {
  readonly key: string;
  readonly reason: string;
}

export type Control =
  | { readonly type: 'welcome'; readonly list: string; readonly epoch: number; readonly head: number; readonly role: Role; readonly user: User; readonly session: string }
  | { readonly type: 'saved'; readonly frames: number; readonly head: number }
  | { readonly type: 'role'; readonly role: Role };

export type Frame =
  | { readonly kind: 'sync-step-1'; readonly vector: Uint8Array }
  | { readonly kind: 'sync-step-2' | 'update'; readonly update: Uint8Array }
  | { readonly kind: 'awareness'; readonly update: Uint8Array }
  | { readonly kind: 'refused'; readonly refused: readonly RefusedKey[] }
  | { readonly kind: 'query-awareness' }
  | { readonly kind: 'control'; readonly control: Control }
  | { readonly kind: 'unknown' };

const UNKNOWN: Frame = { kind: 'unknown' };

function frame(message: number, kind: number | null, payload: Uint8Array): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, message);
    if (kind !== null) encoding.writeVarUint(encoder, kind);
    encoding.writeVarUint8Array(encoder, payload);
  });
}

export const encodeSyncStep1 = (vector: Uint8Array): Uint8Array => frame(SYNC, 0, vector);
export const encodeSyncStep2 = (update: Uint8Array): Uint8Array => frame(SYNC, 1, update);
export const encodeUpdate = (update: Uint8Array): Uint8Array => frame(SYNC, 2, update);
export const encodeAwareness = (update: Uint8Array): Uint8Array => frame(AWARENESS, null, update);

/** Encodes the server's control message; the server's half of the protocol, for tests. */
export function encodeControl(control: Control): Uint8Array {
  return frame(CONTROL, null, new TextEncoder().encode(JSON.stringify(control)));
}

/** Encodes the server's refusal; the server's half of the protocol, for tests. */
export function encodeRefused(refused: readonly RefusedKey[]): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify({ refused, id: null }));
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, PERMISSION_DENIED);
    encoding.writeVarUint(encoder, 0);
    encoding.writeVarUint8Array(encoder, text);
  });
}

function readControl(value: unknown): Frame {
  if (!isObject(value)) return UNKNOWN;
  const { type, frames, head, role, user, list, epoch, session } = value;
  if (type === 'saved' && typeof frames === 'number' && typeof head === 'number') {
    return { kind: 'control', control: { type, frames, head } };
  }
  if (!isRole(role)) return UNKNOWN;
  if (type === 'role') return { kind: 'control', control: { type, role } };
  if (type !== 'welcome' || !isObject(user) || typeof epoch !== 'number') return UNKNOWN;
  return {
    kind: 'control',
    control: { type, role, epoch, list: String(list), head: Number(head), session: String(session), user: readUser(user) },
  };
}

/** Reads a person as the server names them in welcomes and presence. */
export function readUser(user: { readonly [key: string]: unknown }): User {
  const { id, name, hue } = user;
  return { id: String(id ?? ''), name: String(name ?? ''), hue: typeof hue === 'number' ? hue : 0 };
}

function readRefused(value: unknown): Frame {
  const entries: unknown = isObject(value) ? value['refused'] : null;
  if (!Array.isArray(entries)) return UNKNOWN;
  const refused = entries.filter(isObject).map(({ key, reason }) => ({ key: String(key), reason: String(reason) }));
  return { kind: 'refused', refused };
}

function readJson(decoder: decoding.Decoder): unknown {
  return JSON.parse(decoding.readVarString(decoder));
}

function readFrame(decoder: decoding.Decoder): Frame {
  switch (decoding.readVarUint(decoder)) {
    case SYNC: {
      const kind = decoding.readVarUint(decoder);
      const payload = decoding.readVarUint8Array(decoder);
      if (kind === 0) return { kind: 'sync-step-1', vector: payload };
      return kind === 1 || kind === 2 ? { kind: kind === 1 ? 'sync-step-2' : 'update', update: payload } : UNKNOWN;
    }
    case AWARENESS:
      return { kind: 'awareness', update: decoding.readVarUint8Array(decoder) };
    case PERMISSION_DENIED:
      decoding.readVarUint(decoder);
      return readRefused(readJson(decoder));
    case QUERY_AWARENESS:
      return { kind: 'query-awareness' };
    case CONTROL:
      return readControl(readJson(decoder));
    default:
      return UNKNOWN;
  }
}

/** Decodes one frame; total: bytes that are none give `unknown`. */
export function decodeFrame(bytes: Uint8Array): Frame {
  try {
    return readFrame(decoding.createDecoder(bytes));
  } catch (error) {
    if (error instanceof Error) return UNKNOWN;
    throw error;
  }
}
