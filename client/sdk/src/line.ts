/**
 * The line to the server: keeps one connection up for as long as that makes sense.
 *
 * 1. Each connection has a ticket of its own. Getting one and being welcomed takes at most `CONNECT_MAX_MS`.
 * 2. Anything that comes in proves that the connection lives; after `SILENCE_MAX_MS` without it is given up.
 * 3. After a transient close another attempt follows by itself, later and later, until a connection has been live for
 *    `STEADY_MS`. The network's return, a look at the page and the person's wish make it follow at once.
 * 4. An end is final until `restart`.
 */

import type { Awareness } from 'y-protocols/awareness';
import type { Doc } from 'yjs';

import { Alarms } from './alarms.ts';
import { type Cause, retryDelayMs, verdict } from './closing.ts';
import { Connection, type ConnectionEvents } from './connection.ts';
import type { Ended, Link } from './save-state.ts';
import { type SessionPorts, TicketRefused } from './session-ports.ts';

/** The server sends at least an empty presence message every 15 s. */
export const SILENCE_MAX_MS = 30_000;
const CONNECT_MAX_MS = 10_000;
const STEADY_MS = 10_000;
/** Longer than a machine that is awake leaves a timer waiting. */
const LOOK_MAX_MS = 20_000;
/** A connection that comes back sooner is not worth a word. */
const BRIEF_MS = 1_500;

/** What a connection is made of, and whose epoch it is (`null` = not known). */
export interface Terms {
  readonly doc: Doc;
  readonly awareness: Awareness;
  readonly epoch: number | null;
}

export interface LineEvents extends Omit<ConnectionEvents, 'heard' | 'closed'> {
  readonly terms: () => Terms;
  /** There is no connection any more. */
  readonly left: () => void;
  /** The server, or the network, has closed the connection; `follow` does what the code asks for. */
  readonly closed: (code: number, sentence: string) => void;
  /** `link` is another. */
  readonly moved: () => void;
}

type Alarm = 'attempt' | 'silence' | 'steady' | 'brief';

export class Line {
  readonly #ports: SessionPorts;
  readonly #events: LineEvents;
  readonly #alarms: Alarms<Alarm>;
  #link: Link = { kind: 'connecting' };
  #connection: Connection | null = null;
  #attempt = 0;
  #life = 0;
  #heardAt = 0;
  #tried = false;

  constructor(ports: SessionPorts, events: LineEvents) {
    this.#ports = ports;
    this.#events = events;
    this.#alarms = new Alarms(ports.after);
  }

  get link(): Link {
    return this.#link;
  }

  /** Connects now: at the start, when the network is back, or when the person wants it. */
  connect(): void {
    if (this.#link.kind === 'live' || this.#link.kind === 'ended') return;
    this.#attempt = 0;
    void this.#join();
  }

  /** The person looks at the page: nothing may wait, and what has been silent for long is not trusted. */
  wake(): void {
    if (this.#link.kind === 'live' && this.#now() - this.#heardAt > LOOK_MAX_MS) return void this.#join();
    if (this.#link.kind === 'waiting' && this.#link.until !== null) this.connect();
  }

  goOffline(): void {
    if (this.#link.kind === 'ended') return;
    this.leave();
    this.#move({ kind: 'offline' });
  }

  stop(why: Ended, sentence: string): void {
    if (this.#link.kind === 'ended') return;
    this.leave();
    this.#move({ kind: 'ended', why, sentence });
  }

  /** Begins again after an end. */
  restart(): void {
    this.#tried = false;
    this.#move({ kind: 'connecting' });
    this.connect();
  }

  /** The list is here. */
  synced(): void {
    this.#alarms.cancel('brief');
    this.#alarms.set('steady', STEADY_MS, () => (this.#attempt = 0));
    this.#move({ kind: 'live' });
  }

  /** Tries again after what a close code, or a delay, asks for. */
  retry(cause: Cause): void {
    this.leave();
    const delayMs = retryDelayMs(cause, this.#attempt, this.#ports.random());
    this.#attempt += 1;
    this.#wait(cause, this.#now() + delayMs);
    this.#alarms.set('attempt', delayMs, () => void this.#join(cause));
  }

  /** What a close code asks for of the line: another attempt or an end; `fresh` makes a fresh document before it. */
  follow(code: number, sentence: string, fresh: () => void): void {
    const next = verdict(code);
    if (next.kind === 'end') return this.stop(next.why, sentence);
    if (next.kind === 'fresh_document') fresh();
    this.retry(next.kind === 'retry' ? next.cause : 'lost');
  }

  /** Lets go of the connection. */
  leave(): void {
    this.#life += 1;
    this.#alarms.cancel('attempt', 'silence', 'steady');
    this.#connection?.abandon();
    this.#connection = null;
    this.#events.left();
  }

  close(): void {
    this.leave();
    this.#alarms.cancelAll();
  }

  async #join(cause: Cause = 'lost'): Promise<void> {
    this.leave();
    this.#wait(cause, null);
    const life = this.#life;
    this.#alarms.set('silence', CONNECT_MAX_MS, () => this.retry('lost'));
    let ticket: string;
    try {
      ticket = await this.#ports.ticket();
    } catch (error) {
      if (life !== this.#life) return;
      return error instanceof TicketRefused ? this.stop(error.why, '') : this.retry('lost');
    }
    if (life !== this.#life) return;
    const { doc, awareness, epoch } = this.#events.terms();
    this.#connection = new Connection(this.#ports.open(ticket, epoch), doc, awareness, {
      ...this.#events,
      heard: () => this.#heard(),
    });
  }

  #heard(): void {
    this.#heardAt = this.#now();
    this.#alarms.set('silence', SILENCE_MAX_MS, () => void this.#join());
  }

  /** The first attempt of all is no interruption. */
  #wait(cause: Cause, until: number | null): void {
    const first = !this.#tried && until === null;
    this.#tried = true;
    if (first) return this.#move({ kind: 'connecting' });
    const brief = this.#link.kind === 'waiting' ? this.#link.brief : this.#link.kind !== 'offline';
    if (brief && !this.#alarms.has('brief')) this.#alarms.set('brief', BRIEF_MS, () => this.#lengthen());
    this.#move({ kind: 'waiting', cause, until, brief });
  }

  #lengthen(): void {
    if (this.#link.kind === 'waiting') this.#move({ ...this.#link, brief: false });
  }

  #move(link: Link): void {
    if (link.kind !== 'waiting') this.#alarms.cancel('brief');
    this.#link = link;
    this.#events.moved();
  }

  #now(): number {
    return this.#ports.now().getTime();
  }
}
