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
 * 5. What has ended stays ended until the person tries again; then it begins with a fresh document.
 * 6. Edits are sent under the name of the person who made them, or not at all.
 */

import { type Change, type TrashMark } from './changes.ts';
import { UNSOUND, retryDelayMs, verdict } from './closing.ts';
import { Connection } from './connection.ts';
import { DocumentNotReady } from './document.ts';
import { History } from './history.ts';
import { type Json, sameJson } from './json.ts';
import { LiveCopy } from './live-copy.ts';
import { Outbox } from './outbox.ts';
import type { Role } from './permissions.ts';
import { type Cursor, peers, setCursor } from './presence.ts';
import { type Kept, Refusals } from './refusals.ts';
import { type Ended, type Link, saveState } from './save-state.ts';
import { type Refusal, type SessionPorts, type SessionSnapshot, TicketRefused } from './session-ports.ts';
import type { Control, RefusedKey, User } from './wire.ts';

/** The server sends at least an empty presence message every 15 s; three missed ones mean a dead socket. */
const SILENCE_MAX_MS = 45_000;
/** Unsound updates without an edit saved in between: after so many this client gives up. */
const UNSOUND_MAX = 3;
const STALE_GENERATION = 'stale_generation';

export class Session {
  /** The edits that are not in the list, kept for the person. */
  readonly refusals = new Refusals(() => this.#publish());
  readonly #ports: SessionPorts;
  readonly #outbox = new Outbox();
  readonly #history = new History();
  readonly #listeners = new Set<() => void>();
  readonly #copy = new LiveCopy(() => this.#publish());
  #connection: Connection | null = null;
  #link: Link = { kind: 'connecting' };
  #role: Role | null = null;
  #user: User | null = null;
  /** Whether the outbox has to be written again into a fresh document, or has been (rule 3). */
  #again: 'no' | 'due' | 'done' = 'no';
  #unsound = 0;
  #attempt = 0;
  #life = 0;
  #cancelTimer: () => void = () => {};
  #snapshot: SessionSnapshot;

  constructor(ports: SessionPorts) {
    this.#ports = ports;
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

  /** Connects, now: at the start, or when the network is back. */
  connect(): void {
    if (this.#link.kind === 'live' || this.#link.kind === 'ended') return;
    this.#attempt = 0;
    void this.#join();
  }

  /** Says that the network is away; `connect` brings the session back. */
  goOffline(): void {
    if (this.#link.kind === 'ended') return;
    this.#leave();
    this.#move({ kind: 'waiting', offline: true });
  }

  /** Ends the session until `restart` begins it again. `sentence` is the server's, if it gave one. */
  stop(why: Ended, sentence = ''): void {
    if (this.#link.kind === 'ended') return;
    this.#leave();
    this.#move({ kind: 'ended', why, sentence });
  }

  /** Tries again after an end, with a fresh document into which the unsaved edits are written. */
  restart(): void {
    if (this.#link.kind !== 'ended') return;
    this.#unsound = 0;
    this.#renew();
    this.#move({ kind: 'connecting' });
    this.connect();
  }

  /** Closes the session for good and lets go of everything. */
  close(): void {
    this.#leave();
    this.#listeners.clear();
    this.#copy.destroy();
  }

  /** Writes one step of the person; nothing happens for an empty one. Throws `DocumentNotReady` until the list is loaded. */
  edit(step: readonly Change[]): void {
    if (!this.#copy.document.isWritable) throw new DocumentNotReady('the list has not been loaded yet');
    this.#history.push(step);
    this.#write(step);
  }

  undo(): void {
    if (this.#copy.document.isWritable) this.#write(this.#history.undo(this.#copy.document, this.#mark()));
  }

  redo(): void {
    if (this.#copy.document.isWritable) this.#write(this.#history.redo(this.#copy.document, this.#mark()));
  }

  /** Says where the person is; `null` = nowhere. */
  point(cursor: Cursor | null): void {
    setCursor(this.#copy.awareness, cursor);
  }

  #write(changes: readonly Change[]): void {
    if (changes.length === 0) return;
    this.#outbox.add(changes, null);
    this.#copy.document.write(changes);
    this.#publish();
  }

  /** Those changes that the document does not show, to be written again. */
  #missing(changes: readonly Change[]): Change[] {
    const missing = changes.filter(({ key, value }) => !sameJson(this.#copy.document.at(key), value));
    return missing.map(({ key, value }) => ({ key, value, before: this.#copy.document.at(key) }));
  }

  #mark(): TrashMark {
    return { by: this.#user?.id ?? '', at: this.#ports.now().toISOString() };
  }

  async #join(): Promise<void> {
    this.#pause();
    const life = this.#life;
    let ticket: string;
    try {
      ticket = await this.#ports.ticket();
    } catch (error) {
      if (life !== this.#life) return;
      return error instanceof TicketRefused ? this.stop(error.why) : this.#retry();
    }
    if (life !== this.#life) return;
    this.#connection = new Connection(this.#ports.open(ticket), this.#copy.document.doc, this.#copy.awareness, {
      welcomed: (welcome) => this.#welcomed(welcome),
      synced: () => this.#synced(),
      settled: () => this.#settled(),
      applied: () => this.refusals.release(),
      // What is due to be written again is in no frame yet.
      sent: (frame) => void (this.#again !== 'due' && this.#outbox.sent(frame)),
      saved: (frames) => this.#saved(frames),
      refused: (keys) => this.#refused(keys),
      roleChanged: ({ role }) => this.#setRole(role),
      heard: () => this.#listen(),
      closed: (code, sentence) => this.#closed(code, sentence),
    });
    this.#listen();
  }

  #leave(): void {
    this.#life += 1;
    this.#cancelTimer();
    this.#connection?.abandon();
    this.#connection = null;
    this.#outbox.disconnected();
    this.refusals.release();
  }

  #listen(): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#ports.after(SILENCE_MAX_MS, () => void this.#join());
  }

  #welcomed(welcome: Control & { type: 'welcome' }): boolean {
    if (this.#user !== null && this.#user.id !== welcome.user.id) {
      this.stop('other_person');
      return false;
    }
    this.#user = welcome.user;
    this.#setRole(welcome.role);
    if (this.#copy.epoch !== null && this.#copy.epoch !== welcome.epoch) {
      this.#renew();
      this.#retry();
      return false;
    }
    this.#copy.epoch = welcome.epoch;
    return true;
  }

  #synced(): void {
    if (!this.#copy.document.isWritable) return;
    this.#copy.receive();
    this.#attempt = 0;
    this.#move({ kind: 'live' });
  }

  #settled(): void {
    if (this.#again !== 'due' || !this.#copy.received) return;
    const missing = this.#missing(this.#outbox.drain());
    this.#again = missing.length > 0 ? 'done' : 'no';
    this.#write(missing);
  }

  #saved(frames: number): void {
    if (this.#outbox.saved(frames)) this.#unsound = 0;
    if (this.#outbox.size === 0) this.#again = 'no';
    this.refusals.release();
    this.#publish();
  }

  #refused(keys: readonly RefusedKey[]): void {
    const refused = keys.filter(({ reason }) => reason !== STALE_GENERATION);
    this.refusals.hold(refused.map(({ key, reason }): Kept => ({ key, reason, value: this.#typed(key) })));
    // No keys of a generation that is gone are named: whatever waits and does not show is written again.
    if (refused.length < keys.length) this.#write(this.#missing(this.#outbox.changes));
  }

  /** What was typed at a refused key; other roots still hold it, until the server's restoring update comes. */
  #typed(key: string): Json | undefined {
    const value = this.#outbox.refuse(key);
    return value === undefined ? this.#copy.document.find(key) : value;
  }

  #setRole(role: Role): void {
    this.#role = role;
    this.#publish();
  }

  #closed(code: number, sentence: string): void {
    const next = verdict(code);
    if (next.kind === 'end') return this.stop(next.why, sentence);
    if (code === UNSOUND) this.#unsound += 1;
    // Rule 3: what is unsound twice is given up.
    if (code === UNSOUND && this.#again === 'done') this.refusals.hold(this.#outbox.drain().map(({ key, value }): Kept => ({ key, value, reason: 'malformed' })));
    if (this.#unsound >= UNSOUND_MAX) return this.stop('outdated', sentence);
    if (next.kind === 'fresh_document') this.#renew();
    this.#retry();
  }

  #renew(): void {
    this.#leave();
    this.#copy.renew();
    this.#again = 'due';
  }

  #retry(): void {
    this.#pause();
    this.#cancelTimer = this.#ports.after(retryDelayMs(this.#attempt, this.#ports.random()), () => void this.#join());
    this.#attempt += 1;
  }

  /** Before the list has been received there is nothing to come back to. */
  #pause(): void {
    this.#leave();
    this.#move(this.#copy.received ? { kind: 'waiting', offline: false } : { kind: 'connecting' });
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
    const facts = { link: this.#link, loaded: this.#copy.received, role: this.#role };
    const ended = this.#link.kind === 'ended';
    const waiting = this.#outbox.size;
    const unsaved = ended ? this.#outbox.changes.map(({ key, value, before }): Refusal => ({ id: key, key, value, before, reason: 'unsaved' })) : [];
    return {
      ...facts,
      document: this.#copy.shown,
      save: saveState({ ...facts, waiting, refused: this.refusals.list.length }),
      user: this.#user,
      refusals: this.refusals.list,
      unsaved,
      atRisk: this.refusals.missed(this.refusals.list) + (ended ? this.refusals.missed(unsaved) : waiting),
      peers: peers(this.#copy.awareness),
      canUndo: this.#history.canUndo,
      canRedo: this.#history.canRedo,
    };
  }
}
