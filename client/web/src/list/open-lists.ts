/**
 * The sessions of this page: one for each list on screen, and those of lists that were left with something unfinished.
 *
 * A list that is left is closed as soon as its edits are saved and nobody would miss what was refused: until then its
 * edits go on being saved, and what was refused waits for the person to come back to it.
 */

import type { DeviceOutbox, Ended, Session } from '@rowhouse/sdk';

interface OpenList {
  readonly session: Session;
  readonly unsubscribe: () => void;
  /** How many places of the page show it. */
  shown: number;
}

export class OpenLists {
  readonly #make: (listId: string, person: string) => Session;
  readonly #device: Pick<DeviceOutbox, 'count' | 'discard'>;
  readonly #lists = new Map<string, OpenList>();
  readonly #listeners = new Set<() => void>();
  #online = true;
  #pending: ReadonlyMap<string, number> = new Map();
  #atRisk = false;

  /** `make` makes a person's session of a list, not yet connected; `device` is where their unsaved edits are kept. */
  constructor(make: (listId: string, person: string) => Session, device: Pick<DeviceOutbox, 'count' | 'discard'>) {
    this.#make = make;
    this.#device = device;
  }

  /** How many edits are neither saved nor copied, by list; lists without any are left out. */
  get pending(): ReadonlyMap<string, number> {
    return this.#pending;
  }

  /** Whether edits would be lost if the page closed now: those that this device does not keep. */
  get atRisk(): boolean {
    return this.#atRisk;
  }

  /** Calls `listener` whenever `pending` or `atRisk` changes. Returns the way to stop. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** Opens a list for a person, or comes back to it. */
  open(listId: string, person: string): Session {
    const known = this.#lists.get(listId);
    const open = known ?? this.#begin(listId, person);
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

  /** The person looks at the page. */
  wake(): void {
    for (const { session } of this.#lists.values()) session.wake();
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

  /** Tells whether a person has edits that are not saved, in this page or on this device. */
  async hasUnsaved(person: string): Promise<boolean> {
    if (this.#pending.size > 0) return true;
    // Storage that cannot be read holds nothing that could be sent.
    return (await this.#device.count(person).catch(() => 0)) > 0;
  }

  /** Closes every session; what this device keeps waits there for the person. */
  leaveAll(): void {
    for (const [listId, open] of this.#lists) this.#close(listId, open);
  }

  /** Closes every session, and forgets what this device keeps of a person. */
  async discard(person: string): Promise<void> {
    this.leaveAll();
    await this.#device.discard(person).catch(() => undefined);
  }

  #begin(listId: string, person: string): OpenList {
    const session = this.#make(listId, person);
    const open: OpenList = { session, shown: 0, unsubscribe: session.subscribe(() => this.#review(listId, open)) };
    this.#lists.set(listId, open);
    return open;
  }

  #review(listId: string, open: OpenList): void {
    const { pending } = open.session.snapshot;
    if (open.shown === 0 && pending === 0) this.#close(listId, open);
    else this.#note(listId, pending);
  }

  #close(listId: string, { session, unsubscribe }: OpenList): void {
    unsubscribe();
    session.close();
    this.#lists.delete(listId);
    this.#note(listId, 0);
  }

  #note(listId: string, count: number): void {
    const atRisk = [...this.#lists.values()].some(({ session }) => session.snapshot.atRisk > 0);
    if ((this.#pending.get(listId) ?? 0) === count && this.#atRisk === atRisk) return;
    const next = new Map(this.#pending);
    if (count > 0) next.set(listId, count);
    else next.delete(listId);
    this.#pending = next;
    this.#atRisk = atRisk;
    for (const listener of this.#listeners) listener();
  }
}
