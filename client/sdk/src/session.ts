/**
 * A person's live session with one list: document, line to the server, outbox, undo and presence as one thing.
 *
 * 1. An edit shows at once, is kept on the device, stands in the outbox until the server says it is saved, and survives
 *    every reconnect, fresh document, new generation, new epoch and the end of the page in between.
 * 2. A refused edit leaves the document by the server's own update and goes to the list of refusals, with the
 *    value that the person typed.
 * 3. A document that the server declared unsound or outdated is thrown away whole; the edits of the outbox are
 *    written again into the fresh one, once: what is declared unsound twice becomes a refusal.
 * 4. Listeners get a new snapshot for every change; a snapshot is never changed in place. Where the person is themself is
 *    no change; colleagues are the same array until one of them comes, moves or goes.
 * 5. What has ended stays ended until the person tries again; then it begins with a fresh document.
 * 6. Edits are sent under the name of the person who made them, or not at all.
 */

import type { Change, TrashMark } from './changes.ts';
import { UNSOUND } from './closing.ts';
import { DocumentNotReady } from './document.ts';
import { History } from './history.ts';
import type { Json } from './json.ts';
import { Line } from './line.ts';
import { LiveCopy } from './live-copy.ts';
import type { Role } from './permissions.ts';
import { type Cursor, setCursor } from './presence.ts';
import { type Kept, Refusals } from './refusals.ts';
import { type Ended, saveState } from './save-state.ts';
import type { SessionPorts, SessionSnapshot } from './session-ports.ts';
import { Unsaved } from './unsaved.ts';
import type { Control, RefusedKey, User } from './wire.ts';

/** Unsound updates without an edit saved in between: after so many this client gives up. */
const UNSOUND_MAX = 3;
const STALE_GENERATION = 'stale_generation';

export class Session {
  /** The edits that are not in the list, kept for the person. */
  readonly refusals = new Refusals(() => this.#publish());
  readonly #ports: SessionPorts;
  readonly #history = new History();
  readonly #listeners = new Set<() => void>();
  readonly #copy: LiveCopy;
  readonly #unsaved: Unsaved;
  readonly #line: Line;
  #role: Role | null = null;
  #user: User | null = null;
  #unsound = 0;
  /** The number of the connection. */
  #stay = 0;
  #snapshot: SessionSnapshot;

  constructor(ports: SessionPorts) {
    this.#ports = ports;
    this.#copy = new LiveCopy(() => this.#publish(), ports.segments);
    this.#unsaved = new Unsaved(ports, this.#copy, this.refusals, () => this.#publish());
    this.#line = new Line(ports, {
      terms: () => ({ doc: this.#copy.document.doc, awareness: this.#copy.awareness, epoch: this.#copy.epoch }),
      welcomed: (welcome) => this.#welcomed(welcome),
      synced: () => this.#synced(),
      settled: () => this.#settle(),
      applied: () => this.#applied(),
      sent: (frame) => this.#unsaved.sent(frame),
      saved: (frames) => this.#saved(frames),
      refused: (keys) => this.#refused(keys),
      roleChanged: ({ role }) => this.#setRole(role),
      left: () => this.#left(),
      closed: (code, sentence) => this.#closed(code, sentence),
      moved: () => this.#publish(),
    });
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

  /** Connects, now: at the start, when the network is back, or when the person wants it. */
  connect(): void {
    this.#unsaved.adopt();
    this.#line.connect();
  }

  /** The person looks at the page: tries at once what would have waited. */
  wake(): void {
    this.#line.wake();
  }

  /** Says that the network is away; `connect` brings the session back. */
  goOffline(): void {
    this.#unsaved.adopt();
    this.#line.goOffline();
  }

  /** Ends the session until `restart` begins it again. `sentence` is the server's, if it gave one. */
  stop(why: Ended, sentence = ''): void {
    this.#line.stop(why, sentence);
  }

  /** Tries again after an end, with a fresh document into which the unsaved edits are written. */
  restart(): void {
    if (this.#line.link.kind !== 'ended') return;
    this.#unsound = 0;
    this.#renew();
    this.#line.restart();
  }

  /** Closes the session for good and lets go of everything; what is kept on the device stays there. */
  close(): void {
    this.#listeners.clear();
    this.#unsaved.close();
    this.#line.close();
    this.#copy.destroy();
  }

  /** Writes one step of the person; nothing happens for an empty one. Throws `DocumentNotReady` until the list is loaded. */
  edit(step: readonly Change[]): void {
    const { document } = this.#copy;
    if (!document.isWritable) throw new DocumentNotReady('the list has not been loaded yet');
    this.#history.push(step, document);
    this.#unsaved.write(step);
  }

  undo(): void {
    if (this.#copy.document.isWritable) this.#unsaved.write(this.#history.undo(this.#copy.document, this.#mark()));
  }

  redo(): void {
    if (this.#copy.document.isWritable) this.#unsaved.write(this.#history.redo(this.#copy.document, this.#mark()));
  }

  /** Says where the person is; `null` = nowhere. */
  point(cursor: Cursor | null): void {
    setCursor(this.#copy.awareness, cursor);
  }

  #mark(): TrashMark {
    return { by: this.#user?.id ?? '', at: this.#ports.now().toISOString() };
  }

  #left(): void {
    this.#stay += 1;
    this.#unsaved.disconnected();
    this.refusals.release();
  }

  #welcomed(welcome: Control & { type: 'welcome' }): boolean {
    if (this.#ports.person !== welcome.user.id) {
      this.stop('other_person');
      return false;
    }
    this.#user = welcome.user;
    this.#setRole(welcome.role);
    if (this.#copy.epoch !== null && this.#copy.epoch !== welcome.epoch) {
      this.#renew();
      this.#line.retry('lost');
      return false;
    }
    this.#copy.epoch = welcome.epoch;
    return true;
  }

  #synced(): void {
    if (!this.#copy.document.isWritable) return;
    this.#copy.receive();
    this.#line.synced();
  }

  /** What comes home is compared with the list: all of it must have been read. */
  #settle(): void {
    const { document, received } = this.#copy;
    const stay = this.#stay;
    if (!document.isInflated) return void document.inflated.then(() => stay === this.#stay && this.#settle());
    if (received) this.#unsaved.settle();
    this.#publish();
  }

  #applied(): void {
    this.refusals.release();
    this.#unsaved.applied();
  }

  #saved(frames: number): void {
    if (this.#unsaved.saved(frames)) this.#unsound = 0;
    this.refusals.release();
    this.#publish();
  }

  #refused(keys: readonly RefusedKey[]): void {
    const refused = keys.filter(({ reason }) => reason !== STALE_GENERATION);
    this.refusals.hold(refused.map(({ key, reason }): Kept => ({ key, reason, value: this.#typed(key) })));
    if (refused.length < keys.length) this.#unsaved.wentStale();
  }

  /** What was typed at a refused key; other roots still hold it, until the server's restoring update comes. */
  #typed(key: string): Json | undefined {
    const value = this.#unsaved.refuse(key);
    return value === undefined ? this.#copy.document.find(key) : value;
  }

  #setRole(role: Role): void {
    this.#role = role;
    this.#publish();
  }

  #closed(code: number, sentence: string): void {
    if (code === UNSOUND) this.#unsound += 1;
    // Rule 3: what is unsound twice is given up.
    if (code === UNSOUND && this.#unsaved.holdsAgain) {
      this.refusals.hold(this.#unsaved.drain().map(({ key, value }): Kept => ({ key, value, reason: 'malformed' })));
    }
    if (this.#unsound >= UNSOUND_MAX) return this.stop('outdated', sentence);
    this.#line.follow(code, sentence, () => this.#renew());
  }

  #renew(): void {
    this.#line.leave();
    this.#copy.renew();
    this.#unsaved.displace();
  }

  #publish(): void {
    this.#unsaved.follow(this.#line.link.kind === 'live');
    this.#snapshot = this.#compose();
    for (const listener of this.#listeners) listener();
  }

  #compose(): SessionSnapshot {
    const { link } = this.#line;
    const ended = link.kind === 'ended';
    const { size: waiting, kept, slow, lost } = this.#unsaved;
    const facts = { link, loaded: this.#copy.received, role: this.#role };
    const unsaved = ended || !kept ? this.#unsaved.told : [];
    const missed = this.refusals.missed(this.refusals.list);
    const missing = ended ? this.refusals.missed(unsaved) : waiting;
    return {
      ...facts,
      shown: this.#copy.readable,
      document: this.#copy.shown,
      save: saveState({ ...facts, waiting, kept, slow, refused: this.refusals.list.length }),
      user: this.#user,
      refusals: this.refusals.list,
      unsaved,
      pending: missed + missing,
      atRisk: missed + Math.min(lost, missing),
      peers: this.#copy.peers,
      canUndo: this.#history.canUndo,
      canRedo: this.#history.canRedo,
    };
  }
}
