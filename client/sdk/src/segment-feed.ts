/**
 * Follows the segments of a list document: has those read that came, and forgets those that left.
 *
 * 1. A segment that cannot be read is counted, until it leaves the list.
 * 2. A reader that fails (its worker did not load, or died) is replaced by one on this thread, which begins anew.
 */

import type * as Y from 'yjs';

import { type OpenSegments, type SegmentPort, onThisThread } from './segment-port.ts';
import type { Batch } from './segment-reader.ts';
import { SEGMENT_ROWS_MAX } from './segments.ts';

export interface FeedEvents {
  readonly read: (batch: Batch) => void;
  /** Everything that was read comes again. */
  readonly begunAnew: () => void;
}

export class SegmentFeed {
  readonly #segments: Y.Map<Uint8Array>;
  readonly #events: FeedEvents;
  #open: OpenSegments;
  #port: SegmentPort | null = null;
  readonly #asked = new Set<string>();
  readonly #unreadable = new Set<string>();
  #changes = 0;
  #segmentsRead = 0;
  #whole: Promise<void> = Promise.resolve();
  #finish: () => void = () => undefined;
  #closed = false;

  /** Nothing is read before `follow`. */
  constructor(segments: Y.Map<Uint8Array>, open: OpenSegments, events: FeedEvents) {
    this.#segments = segments;
    this.#open = open;
    this.#events = events;
  }

  /** How many segments could not be read. */
  get unreadable(): number {
    return this.#unreadable.size;
  }

  /** Whether everything has been read. */
  get isWhole(): boolean {
    return this.#changes === 0;
  }

  /** Resolves when everything has been read. */
  get whole(): Promise<void> {
    return this.#whole;
  }

  /** About how many rows are still to come, when `rows` have come: the segments are as long as those before. */
  rowsToCome(rows: number): number {
    const left = this.#asked.size - this.#unreadable.size - this.#segmentsRead;
    const each = this.#segmentsRead === 0 ? SEGMENT_ROWS_MAX : rows / this.#segmentsRead;
    return this.isWhole ? 0 : Math.round(left * each);
  }

  /** Has read what is new, and forgets what is gone. */
  follow(): void {
    const add = [...this.#segments.entries()].filter(([id]) => !this.#asked.has(id));
    const drop = [...this.#asked].filter((id) => !this.#segments.has(id));
    if (add.length + drop.length === 0) return;
    for (const [id] of add) this.#asked.add(id);
    for (const id of drop) {
      this.#asked.delete(id);
      if (!this.#unreadable.delete(id)) this.#segmentsRead -= 1;
    }
    if (this.#changes === 0) this.#whole = new Promise((finish) => (this.#finish = finish));
    this.#changes += 1;
    this.#reader().read({ add, drop });
  }

  close(): void {
    this.#closed = true;
    this.#port?.close();
  }

  #reader(): SegmentPort {
    try {
      return (this.#port ??= this.#open((batch) => this.#read(batch), () => this.#beginAnew()));
    } catch {
      this.#open = onThisThread;
      return this.#reader();
    }
  }

  #read(batch: Batch): void {
    if (this.#closed) return;
    for (const id of batch.unreadable) if (this.#asked.has(id)) this.#unreadable.add(id);
    this.#segmentsRead += batch.blocks.length;
    if (batch.last) this.#changes -= 1;
    this.#events.read(batch);
    if (this.isWhole) this.#finish();
  }

  /** Rule 2. */
  #beginAnew(): void {
    if (this.#closed) return;
    this.#port?.close();
    this.#port = null;
    this.#open = onThisThread;
    this.#asked.clear();
    this.#unreadable.clear();
    [this.#changes, this.#segmentsRead] = [0, 0];
    const finish = this.#finish;
    this.#events.begunAnew();
    this.follow();
    void this.#whole.then(finish);
  }
}
