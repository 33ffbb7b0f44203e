/**
 * The person's edits that the server has not yet said are saved, step by step.
 *
 * 1. A step leaves the outbox only when a frame that carried it is acknowledged, or when all of it is refused.
 * 2. A step is *placed* when it stands in the document at work; only placed steps go up with a frame.
 * 3. A step is *doubtful* when it may have reached the server before, and nobody has said what became of it: its
 *    connection broke, or it was left behind by another page. What is acknowledged and doubtful, or was made without a
 *    connection, stays until it has been compared with the list.
 * 4. Steps are kept as changes of keys, so that they can be written again into a fresh document, and with the very
 *    structs that they made, so that coming home to the same document they cannot be applied twice.
 */

import type { Change } from './changes.ts';
import type { Json } from './json.ts';
import { parseKey } from './keys.ts';

/** Acknowledged values kept to name what a late refusal speaks about. */
const RECENT_MAX = 500;

/** The frame that carries what was made while there was no connection. */
const FIRST_FRAME = 1;

/** Where a step stands in a document. */
export interface Trace {
  readonly epoch: number;
  readonly generation: number;
  /** Its structs: the Yjs client id, and the clocks from the first up to, not including, the last. */
  readonly client: number;
  readonly from: number;
  readonly to: number;
  readonly update: Uint8Array;
}

/** A step as it is kept on the device. */
export interface Step {
  readonly id: number;
  readonly changes: readonly Change[];
  readonly trace: Trace;
}

interface Entry {
  readonly id: number;
  changes: readonly Change[];
  trace: Trace | null;
  /** The number of the frame that carried it on this connection; `null` = not sent. */
  frame: number | null;
  placed: boolean;
  doubtful: boolean;
  acknowledged: boolean;
  /** Left behind by another page; its structs have not been tried yet. */
  readonly adopted: boolean;
  /** Written again as facts into a document that did not hold it. */
  readonly again: boolean;
}

export type Waiting = Readonly<Entry>;

/** The newest change of a key, with the value before the first of them, and what is known of its step. */
export interface Fact extends Change, Pick<Entry, 'doubtful' | 'trace'> {}

/** Merges steps to one fact for each key, oldest first. */
export function factsOf(steps: readonly Waiting[]): Fact[] {
  const facts = new Map<string, Fact>();
  for (const { changes, doubtful, trace } of steps) {
    for (const change of changes) {
      const { before } = facts.get(change.key) ?? change;
      facts.delete(change.key);
      facts.set(change.key, { ...change, before, doubtful, trace });
    }
  }
  return [...facts.values()];
}

/** Counts the rows and cells that steps speak about. */
export function placesOf(steps: readonly Waiting[]): number {
  const places = new Set<string>();
  for (const { changes } of steps) {
    for (const { key } of changes) {
      const place = parseKey(key);
      places.add(place && 'column' in place ? `${place.row}:${place.column}` : key);
    }
  }
  return places.size;
}

export class Outbox {
  #entries: readonly Entry[] = [];
  #count = 0;
  readonly #recent = new Map<string, Json>();

  /** The steps, oldest first. */
  get steps(): readonly Waiting[] {
    return this.#entries;
  }

  /** How many rows and cells have edits that are not saved. */
  get size(): number {
    return placesOf(this.#entries);
  }

  /** Whether steps wait that had to be written again. */
  get holdsAgain(): boolean {
    return this.#entries.some(({ again }) => again);
  }

  readonly nextId = (): number => (this.#count += 1);

  /** The keys that steps change. */
  get keys(): ReadonlySet<string> {
    return new Set(this.#entries.flatMap(({ changes }) => changes.map(({ key }) => key)));
  }

  /** Takes in a step that is being written into the document; `place` says where. */
  add(changes: readonly Change[], again: boolean): (trace: Trace) => void {
    const entry: Entry = { id: this.nextId(), changes, trace: null, frame: null, placed: true, doubtful: false, acknowledged: false, adopted: false, again };
    this.#entries = [...this.#entries, entry];
    return (trace) => void (entry.trace = trace);
  }

  /** Takes in what another page left behind; its ids are this outbox's. */
  adopt(steps: readonly Step[]): void {
    const adopted = steps.map((step): Entry => ({ ...step, frame: null, placed: false, doubtful: true, acknowledged: false, adopted: true, again: false }));
    this.#entries = [...adopted, ...this.#entries];
  }

  /** Says that frame number `frame` carries everything that stands in the document and was not sent. */
  sent(frame: number): void {
    for (const entry of this.#entries) if (entry.placed && entry.frame === null) entry.frame = frame;
  }

  /** Says that the first `frames` frames of this connection are saved. Tells whether steps were among them. */
  saved(frames: number): boolean {
    const carried = this.#entries.filter(({ frame }) => frame !== null && frame <= frames);
    for (const entry of carried) {
      entry.acknowledged = true;
      // What was made without a connection met all that came in the meantime.
      entry.doubtful ||= entry.frame === FIRST_FRAME;
    }
    const done = new Set(carried.filter(({ doubtful }) => !doubtful));
    if (done.size > 0) this.#entries = this.#entries.filter((entry) => !done.has(entry));
    for (const { key, value } of factsOf([...done])) this.#remember(key, value);
    return carried.length > 0;
  }

  /** Says that the connection is gone: nothing counts as sent any more, and of what was sent nobody knows. */
  disconnected(): void {
    for (const entry of this.#entries) {
      entry.doubtful ||= entry.frame !== null;
      entry.frame = null;
      entry.acknowledged = false;
    }
  }

  /** Says that steps do not stand in the document at work: all, or those below a generation. */
  displace(generation = Infinity): void {
    for (const entry of this.#entries) {
      if (entry.trace !== null && entry.trace.generation >= generation) continue;
      entry.placed = false;
      entry.frame = null;
      entry.acknowledged = false;
    }
  }

  /** Takes out what a settled document decides about: steps that are not placed, and those acknowledged and doubtful. */
  takeOpen(): readonly Waiting[] {
    return this.#take(({ placed, acknowledged }) => acknowledged || !placed);
  }

  /** Puts a step back while `into` puts its own structs into the document; tells whether that could be done. */
  place(step: Waiting, into: () => boolean): boolean {
    const entry: Entry = { ...step, placed: true, adopted: false };
    this.#entries = [...this.#entries, entry];
    const done = into();
    if (!done) this.#entries = this.#entries.filter((other) => other !== entry);
    return done;
  }

  /** Takes a refused edit out and returns the value that was typed; `undefined` when it is not known. */
  refuse(key: string): Json | undefined {
    let value = this.#recent.get(key);
    this.#recent.delete(key);
    for (const entry of this.#entries) {
      const kept = entry.changes.filter((change) => change.key !== key);
      if (kept.length === entry.changes.length) continue;
      value = entry.changes.findLast((change) => change.key === key)?.value;
      entry.changes = kept;
    }
    this.#entries = this.#entries.filter(({ changes }) => changes.length > 0);
    return value;
  }

  /** Takes everything out. */
  drain(): readonly Waiting[] {
    return this.#take(() => true);
  }

  #take(which: (entry: Entry) => boolean): readonly Waiting[] {
    const taken = this.#entries.filter(which);
    if (taken.length > 0) this.#entries = this.#entries.filter((entry) => !which(entry));
    return taken;
  }

  #remember(key: string, value: Json): void {
    this.#recent.delete(key);
    this.#recent.set(key, value);
    for (const oldest of this.#recent.keys()) {
      if (this.#recent.size <= RECENT_MAX) break;
      this.#recent.delete(oldest);
    }
  }
}
