/**
 * A person's live session with one list: document, connection, outbox, undo and presence as one thing.
 *
 * 1. An edit shows at once, stands in the outbox until the server says it is saved, and survives every
 *    reconnect, fresh document and new epoch in between.
 * 2. A refused edit leaves the document by the server's own update and goes to the list of refusals, with the
 *    value that the person typed.
 * 3. A document that the server declared unsound or outdated is thrown away whole; the edits of the outbox are
 *    written again into the fresh one, once: what is declared unsound twice becomes a refusal.
 * 4. Listeners get a new snapshot for every change; a snapshot is never changed in place.
 */

import { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';

import { type Change, type TrashMark } from './changes.ts';
import { retryDelayMs, verdict } from './closing.ts';
import { Connection } from './connection.ts';
import { DocumentNotReady, ListDocument } from './document.ts';
import { History } from './history.ts';
import { sameJson } from './json.ts';
import { Outbox } from './outbox.ts';
import type { Role } from './permissions.ts';
import { type Cursor, peers, setCursor } from './presence.ts';
import { type Ended, type Link, saveState } from './save-state.ts';
import { type Refusal, type SessionPorts, type SessionSnapshot, TicketRefused } from './session-ports.ts';
import type { Control, RefusedKey, User } from './wire.ts';

/** The server sends at least an empty presence message every 15 s; three missed ones mean a dead socket. */
const SILENCE_MAX_MS = 45_000;
const REFUSALS_MAX = 500;
const STALE_GENERATION = 'stale_generation';

export class Session {
  readonly #ports: SessionPorts;
  readonly #outbox = new Outbox();
  readonly #history = new History();
  readonly #listeners = new Set<() => void>();
  #document: ListDocument;
  #awareness: Awareness;
  #connection: Connection | null = null;
  #link: Link = { kind: 'connecting' };
  #loaded = false;
  #epoch: number | null = null;
  #role: Role | null = null;
  #user: User | null = null;
  #refusals: readonly Refusal[] = [];
  #rewriting = false;
  #attempt = 0;
  #life = 0;
  #cancelTimer: () => void = () => {};
  #snapshot: SessionSnapshot;

  constructor(ports: SessionPorts) {
    this.#ports = ports;
    this.#document = new ListDocument();
    this.#awareness = this.#attend(this.#document.doc, {});
    this.#snapshot = this.#compose();
  }

  get snapshot(): SessionSnapshot {
    return this.#snapshot;
  }

  /** Calls `listener` whenever there is a new snapshot. Returns the way to stop. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** Connects, now: at the start, when the network is back, or when the person asks for it. */
  connect(): void {
    if (this.#link.kind === 'live') return;
    this.#attempt = 0;
    void this.#join();
  }

  /** Says that the network is away; `connect` brings the session back. */
  goOffline(): void {
    if (this.#link.kind === 'ended') return;
    this.#leave();
    this.#move({ kind: 'waiting', offline: true });
  }

  /** Ends the session and lets go of everything. */
  close(): void {
    this.#leave();
    this.#listeners.clear();
    this.#awareness.destroy();
    this.#document.destroy();
  }

  /** Writes one step of the person; nothing happens for an empty one. Throws `DocumentNotReady` until the list is loaded. */
  edit(step: readonly Change[]): void {
    if (!this.#document.isWritable) throw new DocumentNotReady('the list has not been loaded yet');
    this.#history.push(step);
    this.#write(step);
  }

  undo(): void {
    if (this.#document.isWritable) this.#write(this.#history.undo(this.#document, this.#mark()));
  }

  redo(): void {
    if (this.#document.isWritable) this.#write(this.#history.redo(this.#document, this.#mark()));
  }

  /** Says where the person is; `null` = nowhere. */
  point(cursor: Cursor | null): void {
    setCursor(this.#awareness, cursor);
  }

  /** Forgets refusals that the person has seen. */
  dismissRefusals(): void {
    this.#refusals = [];
    this.#publish();
  }

  #write(changes: readonly Change[]): void {
    if (changes.length === 0) return;
    this.#outbox.add(changes, null);
    this.#document.write(changes);
    this.#publish();
  }

  #mark(): TrashMark {
    return { by: this.#user?.id ?? '', at: this.#ports.now().toISOString() };
  }

  async #join(): Promise<void> {
    this.#leave();
    const life = this.#life;
    if (this.#link.kind !== 'connecting') this.#move(this.#loaded ? { kind: 'waiting', offline: false } : { kind: 'connecting' });
    let ticket: string;
    try {
      ticket = await this.#ports.ticket();
    } catch (error) {
      if (life !== this.#life) return;
      return error instanceof TicketRefused ? this.#end(error.why) : this.#retry();
    }
    if (life !== this.#life) return;
    this.#connection = new Connection(this.#ports.open(ticket), this.#document.doc, this.#awareness, {
      welcomed: (welcome) => this.#welcomed(welcome),
      synced: () => this.#synced(),
      sent: (frame) => this.#outbox.sent(frame),
      saved: (frames) => this.#saved(frames),
      refused: (keys) => this.#refused(keys),
      roleChanged: ({ role }) => this.#setRole(role),
      heard: () => this.#listen(),
      closed: (code) => this.#closed(code),
    });
    this.#listen();
  }

  #leave(): void {
    this.#life += 1;
    this.#cancelTimer();
    this.#connection?.abandon();
    this.#connection = null;
    this.#outbox.disconnected();
  }

  #listen(): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#ports.after(SILENCE_MAX_MS, () => void this.#join());
  }

  #welcomed(welcome: Control & { type: 'welcome' }): boolean {
    this.#role = welcome.role;
    this.#user = welcome.user;
    if (this.#epoch !== null && this.#epoch !== welcome.epoch) {
      this.#startAfresh();
      return false;
    }
    this.#epoch = welcome.epoch;
    return true;
  }

  #synced(): void {
    if (!this.#document.isWritable) return;
    this.#loaded = true;
    this.#attempt = 0;
    this.#move({ kind: 'live' });
    if (!this.#rewriting) return;
    const pending = this.#outbox.drain().filter(({ key, value }) => !sameJson(this.#document.at(key), value));
    this.#write(pending.map(({ key, value }) => ({ key, value, before: this.#document.at(key) })));
  }

  #saved(frames: number): void {
    this.#outbox.saved(frames);
    if (this.#outbox.size === 0) this.#rewriting = false;
    this.#publish();
  }

  #refused(keys: readonly RefusedKey[]): void {
    const stale = keys.filter(({ reason }) => reason === STALE_GENERATION);
    const again = stale.map(({ key }) => ({ key, value: this.#outbox.refuse(key) }));
    const refusals = keys
      .filter(({ reason }) => reason !== STALE_GENERATION)
      .map(({ key, reason }) => ({ key, reason, value: this.#outbox.refuse(key) }));
    this.#refusals = [...this.#refusals, ...refusals].slice(-REFUSALS_MAX);
    for (const { key, value } of again) if (value !== undefined) this.#write([{ key, value, before: this.#document.at(key) }]);
    this.#publish();
  }

  #setRole(role: Role): void {
    this.#role = role;
    this.#publish();
  }

  #closed(code: number): void {
    this.#connection = null;
    this.#outbox.disconnected();
    const next = verdict(code);
    if (next.kind === 'end') return this.#end(next.why);
    if (next.kind === 'fresh_document') return this.#startAfresh(code === 4400);
    this.#retry();
  }

  #startAfresh(unsound = false): void {
    if (unsound && this.#rewriting) {
      const given = this.#outbox.drain().map(({ key, value }) => ({ key, value, reason: 'malformed' }));
      this.#refusals = [...this.#refusals, ...given].slice(-REFUSALS_MAX);
    }
    this.#leave();
    const presence = this.#awareness.getLocalState() ?? {};
    this.#awareness.destroy();
    this.#document.destroy();
    this.#document = new ListDocument();
    this.#awareness = this.#attend(this.#document.doc, presence);
    this.#epoch = null;
    this.#loaded = false;
    this.#rewriting = true;
    this.#retry();
  }

  #retry(): void {
    this.#leave();
    this.#move(this.#loaded ? { kind: 'waiting', offline: false } : { kind: 'connecting' });
    this.#cancelTimer = this.#ports.after(retryDelayMs(this.#attempt, this.#ports.random()), () => void this.#join());
    this.#attempt += 1;
  }

  #end(why: Ended): void {
    this.#leave();
    this.#move({ kind: 'ended', why });
  }

  #attend(doc: Y.Doc, presence: Record<string, unknown>): Awareness {
    const awareness = new Awareness(doc);
    awareness.setLocalState(presence);
    awareness.on('change', () => this.#publish());
    return awareness;
  }

  #move(link: Link): void {
    this.#link = link;
    this.#publish();
  }

  #publish(): void {
    this.#snapshot = this.#compose();
    for (const listener of this.#listeners) listener();
  }

  #compose(): SessionSnapshot {
    const facts = { link: this.#link, loaded: this.#loaded, role: this.#role };
    return {
      ...facts,
      document: this.#document,
      save: saveState({ ...facts, waiting: this.#outbox.size, refused: this.#refusals.length }),
      user: this.#user,
      refusals: this.#refusals,
      peers: peers(this.#awareness),
      canUndo: this.#history.canUndo,
      canRedo: this.#history.canRedo,
    };
  }
}
