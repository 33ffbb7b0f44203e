/**
 * A session's copy of the list, with its presence.
 *
 * A fresh copy begins empty: until it has been received, what the one before it showed stays readable.
 */

import { Awareness } from 'y-protocols/awareness';

import { ListDocument } from './document.ts';
import { type Peer, peers } from './presence.ts';
import type { OpenSegments } from './segment-port.ts';

/** The clients whose presence came, changed or went. */
interface Moved {
  readonly added: readonly number[];
  readonly updated: readonly number[];
  readonly removed: readonly number[];
}

export class LiveCopy {
  readonly #onPresence: () => void;
  readonly #segments: OpenSegments | undefined;
  #document: ListDocument;
  #awareness: Awareness;
  #previous: ListDocument | null = null;
  #received = false;
  #peers: readonly Peer[] = [];
  /** The epoch of the list that this copy is of; `null` = not known yet. */
  epoch: number | null = null;

  /** `onPresence` is called whenever somebody else's presence changes; `segments` as for `ListDocument`. */
  constructor(onPresence: () => void, segments?: OpenSegments) {
    this.#onPresence = onPresence;
    this.#segments = segments;
    this.#document = new ListDocument(undefined, segments);
    this.#awareness = this.#attend({});
  }

  /** The document at work. */
  get document(): ListDocument {
    return this.#document;
  }

  get awareness(): Awareness {
    return this.#awareness;
  }

  /** Everybody else; the same array for as long as nothing of it changes. */
  get peers(): readonly Peer[] {
    return this.#peers;
  }

  /** The document to read from. */
  get shown(): ListDocument {
    return this.#previous ?? this.#document;
  }

  /** Whether there is something to read. */
  get readable(): boolean {
    return this.#received || this.#previous !== null;
  }

  /** Whether the document at work has been received once. */
  get received(): boolean {
    return this.#received;
  }

  /** Says that the document at work is here. */
  receive(): void {
    this.#received = true;
    this.#previous?.destroy();
    this.#previous = null;
  }

  /** Begins with a fresh copy under a new client id; the person's own presence goes with it. */
  renew(): void {
    const presence = this.#awareness.getLocalState() ?? {};
    this.#awareness.destroy();
    if (this.#received) this.#previous = this.#document;
    else this.#document.destroy();
    this.#document = new ListDocument(undefined, this.#segments);
    this.#awareness = this.#attend(presence);
    this.#received = false;
    this.epoch = null;
  }

  destroy(): void {
    this.#awareness.destroy();
    this.#document.destroy();
    this.#previous?.destroy();
  }

  #attend(presence: Record<string, unknown>): Awareness {
    const awareness = new Awareness(this.#document.doc);
    awareness.setLocalState(presence);
    awareness.on('change', ({ added, updated, removed }: Moved) => {
      if ([...added, ...updated, ...removed].every((client) => client === awareness.clientID)) return;
      this.#peers = peers(awareness);
      this.#onPresence();
    });
    this.#peers = [];
    return awareness;
  }
}
