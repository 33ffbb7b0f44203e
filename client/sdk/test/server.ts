/** A small server for tests: one list, sockets in memory, virtual time; accepts or refuses by a rule. */

import * as Y from 'yjs';

import type { Socket } from '../src/index.ts';
import { type OutboxStore, Session, type SessionPorts } from '../src/index.ts';
import type { Role } from '../src/permissions.ts';
import { decodeFrame, encodeControl, encodeRefused, encodeSyncStep1, encodeSyncStep2, encodeUpdate } from '../src/wire.ts';

export class FakeSocket implements Socket {
  binaryType: BinaryType = 'blob';
  onmessage: Socket['onmessage'] = null;
  onclose: Socket['onclose'] = null;
  frames = 0;
  open = true;

  constructor(readonly server: FakeServer) {}

  send(bytes: unknown): void {
    if (this.open) this.server.receive(this, bytes as Uint8Array);
  }

  close(): void {
    this.open = false;
  }

  /** The server, or the network, ends the connection. */
  drop(code: number, reason = ''): void {
    this.open = false;
    this.onclose?.call(this as never, { code, reason } as CloseEvent);
  }

  deliver(frame: Uint8Array): void {
    if (this.open) this.onmessage?.call(this as never, { data: frame.slice().buffer } as MessageEvent);
  }
}

export class FakeServer {
  readonly sockets: FakeSocket[] = [];
  role: Role = 'editor';
  epoch = 1;
  user = 'ana';
  acknowledges = true;
  /** Closes as for an unsound update whenever an edit comes. */
  unsound = false;
  /** Returns the reason for which a key is refused, or `null`. */
  rule: (key: string) => string | null = () => null;

  constructor(public doc: Y.Doc) {}

  get socket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error('nobody has connected');
    return socket;
  }

  connect(): FakeSocket {
    const socket = new FakeSocket(this);
    this.sockets.push(socket);
    queueMicrotask(() => {
      socket.deliver(
        encodeControl({ type: 'welcome', list: 'list', epoch: this.epoch, head: 0, role: this.role, user: { id: this.user, name: 'Ana', hue: 30 }, session: 's' }),
      );
      socket.deliver(encodeSyncStep1(Y.encodeStateVector(this.doc)));
    });
    return socket;
  }

  receive(socket: FakeSocket, bytes: Uint8Array): void {
    const frame = decodeFrame(bytes);
    if (frame.kind === 'sync-step-1') socket.deliver(encodeSyncStep2(Y.encodeStateAsUpdate(this.doc, frame.vector)));
    if (frame.kind !== 'sync-step-2' && frame.kind !== 'update') return;
    if (this.unsound && frame.kind === 'update') return socket.drop(4400);
    socket.frames += 1;
    this.#judge(socket, frame.update);
    if (this.acknowledges) this.acknowledge(socket);
  }

  acknowledge(socket: FakeSocket): void {
    socket.deliver(encodeControl({ type: 'saved', frames: socket.frames, head: 1 }));
  }

  /** Neutralises what the rule refuses: applies it and writes the old values back in one transaction. */
  #judge(socket: FakeSocket, update: Uint8Array): void {
    const refused: { key: string; reason: string }[] = [];
    const generation = this.doc.getMap('overlays').get('1') as Y.Map<unknown>;
    const before = new Map(generation.entries());
    const collect = (event: Y.YMapEvent<unknown>): void => {
      for (const key of event.keysChanged) {
        const reason = this.rule(key);
        if (reason) refused.push({ key, reason });
      }
    };
    const vector = Y.encodeStateVector(this.doc);
    generation.observe(collect);
    Y.applyUpdate(this.doc, update);
    generation.unobserve(collect);
    if (refused.length === 0) return;
    this.doc.transact(() => {
      for (const { key } of refused) {
        if (before.has(key)) generation.set(key, before.get(key));
        else generation.delete(key);
      }
    });
    socket.deliver(encodeRefused(refused));
    socket.deliver(encodeUpdate(Y.encodeStateAsUpdate(this.doc, vector)));
  }
}

const MORNING_MS = Date.UTC(2026, 0, 2, 3, 4, 5);

/** Virtual time: actions wait until `run` lets them go. */
export class Timers {
  #due: { at: number; action: () => void }[] = [];
  #now = 0;

  readonly now = (): Date => new Date(MORNING_MS + this.#now);

  readonly after = (delayMs: number, action: () => void): (() => void) => {
    const entry = { at: this.#now + delayMs, action };
    this.#due.push(entry);
    return () => void (this.#due = this.#due.filter((other) => other !== entry));
  };

  /** Lets `durationMs` pass, action by action, with their promises settled in between. */
  async pass(durationMs: number): Promise<void> {
    const end = this.#now + durationMs;
    await settle();
    for (;;) {
      const next = this.#due.filter(({ at }) => at <= end).toSorted((left, right) => left.at - right.at)[0];
      if (!next) break;
      this.#due = this.#due.filter((entry) => entry !== next);
      this.#now = next.at;
      next.action();
      await settle();
    }
    this.#now = end;
  }
}

/** A small seeded generator (mulberry32): numbers in [0, 1). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Lets every promise that can settle do so. */
export async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** A device that accepts everything, and from which nothing comes back. */
export function noStore(): OutboxStore {
  return { write: async () => undefined, adopt: async () => [], close: () => undefined };
}

/** A session on a fake server. */
export function sessionOn(server: FakeServer, ports: Partial<SessionPorts> = {}): { session: Session; timers: Timers } {
  const timers = new Timers();
  const session = new Session({
    ticket: async () => 'ticket',
    open: () => server.connect(),
    after: timers.after,
    random: () => 0.5,
    now: timers.now,
    person: 'ana',
    store: noStore(),
    ...ports,
  });
  return { session, timers };
}
