/**
 * The sessions of this page: one for each list on screen, and those of lists that were left with something to lose.
 *
 * A list that is left is closed as soon as closing it would lose nothing: its edits go on being saved, and what was
 * refused waits for the person to come back to it.
 */

import type { Ended, Session } from '@rowhouse/sdk';

interface OpenList {
  readonly session: Session;
  readonly unsubscribe: () => void;
  /** How many places of the page show it. */
  shown: number;
}

export class OpenLists {
  readonly #make: (listId: string) => Session;
  readonly #lists = new Map<string, OpenList>();
  readonly #listeners = new Set<() => void>();
  #online = true;
  #atRisk: ReadonlyMap<string, number> = new Map();

  /** `make` makes the session of a list, not yet connected. */
  constructor(make: (listId: string) => Session) {
    this.#make = make;
  }

  /** How many edits would be lost if the page closed now, by list; lists that would lose nothing are left out. */
  get atRisk(): ReadonlyMap<string, number> {
    return this.#atRisk;
  }

  /** Calls `listener` whenever `atRisk` changes. Returns the way to stop. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** Opens a list, or comes back to it. */
  open(listId: string): Session {
    const known = this.#lists.get(listId);
    const open = known ?? this.#begin(listId);
    open.shown += 1;
    if (!known && this.#online) open.session.connect();
    if (!known && !this.#online) open.session.goOffline();
    return open.session;
  }

  /** Leaves a list. */
  leave(listId: string): void {
    const open = this.#lists.get(listId);
    if (!open) return;
    open.shown -= 1;
    this.#review(listId, open);
  }

  /** The network is back. */
  connect(): void {
    this.#online = true;
    for (const { session } of this.#lists.values()) session.connect();
  }

  /** The network is away. */
  goOffline(): void {
    this.#online = false;
    for (const { session } of this.#lists.values()) session.goOffline();
  }

  /** Ends every session until the person tries again. */
  stop(why: Ended): void {
    for (const { session } of this.#lists.values()) session.stop(why);
  }

  /** Closes every session, whatever it holds. */
  discard(): void {
    for (const [listId, open] of this.#lists) this.#close(listId, open);
  }

  #begin(listId: string): OpenList {
    const session = this.#make(listId);
    const open: OpenList = { session, shown: 0, unsubscribe: session.subscribe(() => this.#review(listId, open)) };
    this.#lists.set(listId, open);
    return open;
  }

  #review(listId: string, open: OpenList): void {
    const { atRisk } = open.session.snapshot;
    if (open.shown === 0 && atRisk === 0) this.#close(listId, open);
    else this.#note(listId, atRisk);
  }

  #close(listId: string, { session, unsubscribe }: OpenList): void {
    unsubscribe();
    session.close();
    this.#lists.delete(listId);
    this.#note(listId, 0);
  }

  #note(listId: string, count: number): void {
    if ((this.#atRisk.get(listId) ?? 0) === count) return;
    const next = new Map(this.#atRisk);
    if (count > 0) next.set(listId, count);
    else next.delete(listId);
    this.#atRisk = next;
    for (const listener of this.#listeners) listener();
  }
}
