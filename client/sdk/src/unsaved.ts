/**
 * The edits that are not saved, and their way into the list: written, kept on the device, sent, acknowledged; and for
 * those that were cut off on the way, home.
 *
 * 1. What pages that are gone have left comes home as the structs that it was, where the document knows their place:
 *    the server, which may have them already, cannot take them twice. Else it comes as facts (`homecoming.ts`).
 * 2. Nothing comes home before the document is settled: only then is what the list shows the truth.
 * 3. What the server calls stale was written into a generation that is gone: it is written again, once, when the
 *    generation after it is here. Until then acknowledgements wait, since the frame that was stale counts as saved too.
 */

import { Alarms } from './alarms.ts';
import type { Change } from './changes.ts';
import { homecoming } from './homecoming.ts';
import type { Json } from './json.ts';
import type { LiveCopy } from './live-copy.ts';
import { Outbox, type Waiting, factsOf } from './outbox.ts';
import type { Refusals } from './refusals.ts';
import { Safekeeping } from './safekeeping.ts';
import type { Refusal, SessionPorts } from './session-ports.ts';

/** How often to look for edits that pages which are gone have left behind. */
const ADOPT_EVERY_MS = 20_000;
/** An edit that waits longer for its acknowledgement is worth a word. */
const SLOW_MS = 5_000;

export class Unsaved {
  readonly #outbox = new Outbox();
  readonly #safekeeping: Safekeeping;
  readonly #alarms: Alarms<'adopt' | 'slow'>;
  readonly #copy: LiveCopy;
  readonly #refusals: Refusals;
  readonly #changed: () => void;
  /** Rule 2. */
  #settled = false;
  /** Rule 3: how many frames have been acknowledged meanwhile; `null` = nothing is stale. */
  #stale: number | null = null;
  #slow = false;

  /** Writes into `copy`; what cannot come home goes to `refusals`. `changed` is called for what happens by itself. */
  constructor(ports: SessionPorts, copy: LiveCopy, refusals: Refusals, changed: () => void) {
    this.#copy = copy;
    this.#refusals = refusals;
    this.#changed = changed;
    this.#alarms = new Alarms(ports.after);
    this.#safekeeping = new Safekeeping(ports.store, changed);
  }

  /** How many rows and cells wait. */
  get size(): number {
    return this.#outbox.size;
  }

  /** How many of them would go with this page. */
  get lost(): number {
    return this.#safekeeping.lost(this.#outbox.steps);
  }

  /** Whether the device keeps them, as far as is known. */
  get kept(): boolean {
    return !this.#safekeeping.failing;
  }

  /** Whether the server is slow to say that they are saved. */
  get slow(): boolean {
    return this.#slow;
  }

  /** The edits, as they are told after an end. */
  get told(): readonly Refusal[] {
    return factsOf(this.#outbox.steps).map(({ key, value, before }) => ({ id: key, key, value, before, reason: 'unsaved' }));
  }

  /** Whether edits wait that had to be written again. */
  get holdsAgain(): boolean {
    return this.#outbox.holdsAgain;
  }

  /** Writes one step into the document; nothing happens for an empty one. */
  write(changes: readonly Change[], again = false): void {
    if (changes.length === 0) return;
    const place = this.#outbox.add(changes, again);
    place({ ...this.#copy.document.write(changes), epoch: this.#copy.epoch ?? 0 });
    this.#changed();
  }

  /** Takes over what pages that are gone have left behind, now and from time to time. */
  adopt(): void {
    this.#alarms.set('adopt', ADOPT_EVERY_MS, () => this.adopt());
    void this.#safekeeping.adopt(this.#outbox.nextId, (steps) => {
      this.#outbox.adopt(steps);
      this.#bringHome();
      this.#changed();
    });
  }

  /** Makes the device hold what waits; `live` = the server could say at any moment that it is saved. */
  follow(live: boolean): void {
    this.#safekeeping.follow(this.#outbox.steps);
    if (!live || this.#outbox.steps.length === 0) this.#hurry();
    else if (!this.#slow && !this.#alarms.has('slow')) {
      this.#alarms.set('slow', SLOW_MS, () => {
        this.#slow = true;
        this.#changed();
      });
    }
  }

  /** Frame number `frame` carries everything that stands in the document. */
  sent(frame: number): void {
    this.#outbox.sent(frame);
  }

  /** The first `frames` frames of this connection are saved. Tells whether edits were among them. */
  saved(frames: number): boolean {
    if (this.#stale !== null) {
      this.#stale = frames;
      return false;
    }
    const some = this.#outbox.saved(frames);
    if (some) this.#hurry();
    this.#bringHome();
    return some;
  }

  /** The document is complete on this connection. */
  settle(): void {
    this.#settled = true;
    this.#replaceStale();
    this.#bringHome();
  }

  /** Something of the server's has come into the document. */
  applied(): void {
    if (this.#stale !== null) this.#replaceStale();
  }

  /** The server says that something was written into a generation that is gone; it names no keys. */
  wentStale(): void {
    this.#stale ??= 0;
    this.#replaceStale();
  }

  /** Takes a refused edit out and returns the value that was typed; `undefined` when it is not known. */
  refuse(key: string): Json | undefined {
    return this.#outbox.refuse(key);
  }

  /** There is no connection any more. */
  disconnected(): void {
    this.#settled = false;
    this.#stale = null;
    this.#outbox.disconnected();
  }

  /** The document at work is a fresh one. */
  displace(): void {
    this.#outbox.displace();
  }

  /** Gives all edits up. */
  drain(): readonly Change[] {
    return factsOf(this.#outbox.drain());
  }

  /** Leaves what the device keeps to other pages. */
  close(): void {
    this.#alarms.cancelAll();
    this.#safekeeping.close();
  }

  #hurry(): void {
    this.#slow = false;
    this.#alarms.cancel('slow');
  }

  /** Decides about the edits that do not stand in the document, and those that may not (rule 2). */
  #bringHome(): void {
    if (!this.#settled) return;
    const open = this.#outbox.takeOpen();
    if (open.length === 0) return;
    const newer = this.#outbox.keys;
    const facts = factsOf(open.filter((step) => !this.#rejoin(step, newer))).filter(({ key }) => !newer.has(key));
    const { written, unconfirmed } = homecoming(facts, this.#copy.document, this.#copy.epoch);
    this.write(written, true);
    this.#refusals.hold(unconfirmed.map(({ key, value }) => ({ key, value, reason: 'unconfirmed' })));
    this.#refusals.release();
  }

  /** Rule 1; an edit older than one that waits already could win over it. */
  #rejoin(step: Waiting, newer: ReadonlySet<string>): boolean {
    const { document, epoch } = this.#copy;
    const { trace } = step;
    if (step.changes.some(({ key }) => newer.has(key))) return false;
    if (!step.adopted || trace?.epoch !== epoch || !document.hasGeneration(trace.generation)) return false;
    return this.#outbox.place(step, () => document.rejoin(trace));
  }

  /** Rule 3. */
  #replaceStale(): void {
    const { generation } = this.#copy.document;
    const stands = this.#outbox.steps.some(({ trace }) => trace !== null && trace.generation < generation);
    if (this.#stale === null || !this.#settled || !stands) return;
    const frames = this.#stale;
    this.#stale = null;
    this.#outbox.displace(generation);
    this.#bringHome();
    if (frames > 0) this.saved(frames);
  }
}
