/**
 * The person's edits that the server has not yet said are saved.
 *
 * 1. An edit leaves the outbox only when a frame that carried its newest value is acknowledged, or when it is
 *    refused; a broken connection takes every edit back to "not sent".
 * 2. Edits are kept as changes of keys, so that they can be written again into a fresh document.
 */

import type { Change } from './changes.ts';
import type { Json } from './json.ts';
import { parseKey } from './keys.ts';

/** Acknowledged values kept to name what a late refusal speaks about. */
const RECENT_MAX = 500;

interface Entry {
  readonly change: Change;
  /** The number of the frame that carried it on this connection; `null` = not sent. */
  readonly frame: number | null;
}

export class Outbox {
  readonly #entries = new Map<string, Entry>();
  readonly #recent = new Map<string, Json>();

  /** How many rows and cells have edits that are not saved. */
  get size(): number {
    const places = new Set<string>();
    for (const key of this.#entries.keys()) {
      const place = parseKey(key);
      places.add(place && 'column' in place ? `${place.row}:${place.column}` : key);
    }
    return places.size;
  }

  /** The edits, oldest first, each with the value before the first of them that is not saved. */
  get changes(): Change[] {
    return [...this.#entries.values()].map(({ change }) => change);
  }

  /** Takes edits in; `frame` is the number of the frame that carries them, `null` when none does yet. */
  add(changes: readonly Change[], frame: number | null): void {
    for (const change of changes) {
      const { before } = this.#entries.get(change.key)?.change ?? change;
      this.#entries.delete(change.key);
      this.#entries.set(change.key, { change: { ...change, before }, frame });
    }
  }

  /** Says that frame number `frame` carries everything that was not sent. */
  sent(frame: number): void {
    for (const [key, entry] of this.#entries) if (entry.frame === null) this.#entries.set(key, { ...entry, frame });
  }

  /** Says that the first `frames` frames of this connection are saved. Tells whether edits were among them. */
  saved(frames: number): boolean {
    const before = this.#entries.size;
    for (const [key, { change, frame }] of this.#entries) {
      if (frame === null || frame > frames) continue;
      this.#entries.delete(key);
      this.#recent.delete(key);
      this.#recent.set(key, change.value);
    }
    for (const key of this.#recent.keys()) {
      if (this.#recent.size <= RECENT_MAX) break;
      this.#recent.delete(key);
    }
    return this.#entries.size < before;
  }

  /** Says that the connection is gone: nothing counts as sent any more. */
  disconnected(): void {
    for (const [key, entry] of this.#entries) this.#entries.set(key, { ...entry, frame: null });
  }

  /** Takes a refused edit out and returns the value that was typed; `undefined` when it is not known. */
  refuse(key: string): Json | undefined {
    const entry = this.#entries.get(key);
    const value = entry ? entry.change.value : this.#recent.get(key);
    this.#entries.delete(key);
    this.#recent.delete(key);
    return value;
  }

  /** Takes everything out. */
  drain(): Change[] {
    const changes = this.changes;
    this.#entries.clear();
    return changes;
  }
}
