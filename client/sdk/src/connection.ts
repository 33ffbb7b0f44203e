/**
 * One life of one socket: the handshake, then updates and presence in both directions.
 *
 * 1. Nothing is exchanged before the server's welcome: a document of another epoch must never be merged.
 * 2. No update goes up before the server's state vector was answered: what was written until then is part of
 *    that answer, so the server never sees a gap.
 * 3. Every sync frame that goes up is counted; the server's `saved` counts the same frames.
 * 4. The first frame of a full sync may be older than the list, the rest follows as updates; the acknowledgement of our
 *    own first frame comes behind them. With both the document is settled: what is written now wins over all of it.
 */

import { type Awareness, applyAwarenessUpdate, encodeAwarenessUpdate, removeAwarenessStates } from 'y-protocols/awareness';
import * as Y from 'yjs';

import { type Control, type RefusedKey, decodeFrame, encodeAwareness, encodeSyncStep1, encodeSyncStep2, encodeUpdate } from './wire.ts';

/** The part of a browser's WebSocket that is used. */
export type Socket = Pick<WebSocket, 'binaryType' | 'onmessage' | 'onclose' | 'send' | 'close'>;

export interface ConnectionEvents {
  /** Rule 1: return `false` to refuse the welcome; the connection then stays silent. */
  readonly welcomed: (welcome: Control & { type: 'welcome' }) => boolean;
  readonly synced: () => void;
  /** Rule 4. */
  readonly settled: () => void;
  /** An update of the server's is in the document. */
  readonly applied: () => void;
  /** Frame number `frame` of this connection carries everything written so far. */
  readonly sent: (frame: number) => void;
  readonly saved: (frames: number) => void;
  readonly refused: (keys: readonly RefusedKey[]) => void;
  readonly roleChanged: (control: Control & { type: 'role' }) => void;
  /** Anything came in. */
  readonly heard: () => void;
  /** `sentence` is what the server said with the close, if anything. */
  readonly closed: (code: number, sentence: string) => void;
}

export class Connection {
  readonly #socket: Socket;
  readonly #doc: Y.Doc;
  readonly #awareness: Awareness;
  readonly #events: ConnectionEvents;
  #welcomed = false;
  #answered = false;
  #complete = false;
  #acknowledged = false;
  #settled = false;
  #frames = 0;

  constructor(socket: Socket, doc: Y.Doc, awareness: Awareness, events: ConnectionEvents) {
    this.#socket = socket;
    this.#doc = doc;
    this.#awareness = awareness;
    this.#events = events;
    socket.binaryType = 'arraybuffer';
    socket.onmessage = ({ data }) => this.#receive(new Uint8Array(data as ArrayBuffer));
    socket.onclose = ({ code, reason }) => this.#closed(code, reason);
    doc.on('update', this.#documentChanged);
    awareness.on('update', this.#presenceChanged);
  }

  /** Lets go of the socket without waiting for its close; `closed` is not called. */
  abandon(): void {
    this.#detach();
    this.#socket.close();
  }

  #closed(code: number, sentence: string): void {
    this.#detach();
    this.#events.closed(code, sentence);
  }

  #detach(): void {
    this.#socket.onmessage = null;
    this.#socket.onclose = null;
    this.#doc.off('update', this.#documentChanged);
    this.#awareness.off('update', this.#presenceChanged);
    const others = [...this.#awareness.getStates().keys()].filter((client) => client !== this.#awareness.clientID);
    removeAwarenessStates(this.#awareness, others, this);
  }

  #receive(bytes: Uint8Array): void {
    this.#events.heard();
    const frame = decodeFrame(bytes);
    if (frame.kind === 'control') return this.#control(frame.control);
    if (frame.kind === 'refused') return this.#events.refused(frame.refused);
    if (!this.#welcomed) return;
    if (frame.kind === 'sync-step-1') return this.#answer(frame.vector);
    if (frame.kind === 'sync-step-2' || frame.kind === 'update') return this.#apply(frame.update, frame.kind === 'sync-step-2');
    if (frame.kind === 'awareness') applyAwarenessUpdate(this.#awareness, frame.update, this);
    if (frame.kind === 'query-awareness') this.#sendPresence();
  }

  #control(control: Control): void {
    switch (control.type) {
      case 'welcome':
        this.#welcomed = this.#events.welcomed(control);
        if (!this.#welcomed) return;
        this.#send(encodeSyncStep1(Y.encodeStateVector(this.#doc)));
        return this.#sendPresence();
      case 'saved':
        this.#acknowledged = true;
        this.#events.saved(control.frames);
        return this.#settle();
      case 'role':
        return this.#events.roleChanged(control);
    }
  }

  #answer(vector: Uint8Array): void {
    this.#answered = true;
    this.#sendEdits(encodeSyncStep2(Y.encodeStateAsUpdate(this.#doc, vector)));
  }

  #apply(update: Uint8Array, complete: boolean): void {
    Y.applyUpdate(this.#doc, update, this);
    if (this.#doc.store.pendingStructs !== null) this.#send(encodeSyncStep1(Y.encodeStateVector(this.#doc)));
    else if (complete) {
      this.#complete = true;
      this.#events.synced();
      this.#settle();
    }
    this.#events.applied();
  }

  #settle(): void {
    if (this.#settled || !this.#complete || !this.#acknowledged) return;
    this.#settled = true;
    this.#events.settled();
  }

  #sendEdits(frame: Uint8Array): void {
    this.#frames += 1;
    this.#events.sent(this.#frames);
    this.#send(frame);
  }

  #sendPresence(): void {
    const { clientID } = this.#awareness;
    if (this.#awareness.getLocalState() !== null) this.#send(encodeAwareness(encodeAwarenessUpdate(this.#awareness, [clientID])));
  }

  #send(frame: Uint8Array): void {
    this.#socket.send(frame as Uint8Array<ArrayBuffer>);
  }

  readonly #documentChanged = (update: Uint8Array, origin: unknown): void => {
    if (origin !== this && this.#answered) this.#sendEdits(encodeUpdate(update));
  };

  readonly #presenceChanged = (_changes: unknown, origin: unknown): void => {
    if (origin === 'local' && this.#welcomed) this.#sendPresence();
  };
}
