/** Where segments are read: in a worker, or on this thread; one way to ask for it either way. */

import { buffersOf } from './blocks.ts';
import { type Batch, SegmentReader, type SegmentsChange } from './segment-reader.ts';

/** How long reading on this thread holds it at once. */
const SLICE_MS = 8;

export interface SegmentPort {
  /** Has a change of the segments read; changes are carried out in their order. */
  readonly read: (change: SegmentsChange) => void;
  readonly close: () => void;
}

/** Opens a reader: `heard` gets each batch, `failed` is called when there will be none any more. May throw. */
export type OpenSegments = (heard: (batch: Batch) => void, failed: () => void) => SegmentPort;

/** Reads on this thread, a few milliseconds at a time. */
export const onThisThread: OpenSegments = (heard) => {
  const reader = new SegmentReader();
  let work = Promise.resolve();
  let closed = false;
  async function carryOut(change: SegmentsChange): Promise<void> {
    let begun = performance.now();
    for (const batch of reader.read(change)) {
      if (closed) return;
      if (batch) heard(batch);
      if (performance.now() - begun < SLICE_MS) continue;
      await new Promise((done) => setTimeout(done, 0));
      begun = performance.now();
    }
  }
  return {
    read: (change) => void (work = work.then(() => carryOut(change))),
    close: () => void (closed = true),
  };
};

interface Messages {
  postMessage(message: unknown, options: { readonly transfer: Transferable[] }): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
}

/** What this needs of a `Worker`. */
export interface ReadingWorker extends Messages {
  addEventListener(type: 'message' | 'error', listener: (event: MessageEvent) => void): void;
  terminate(): void;
}

/** Reads in a worker that `make` starts and that calls `readForOthers`. */
export function inWorker(make: () => ReadingWorker): OpenSegments {
  return (heard, failed) => {
    const worker = make();
    worker.addEventListener('message', ({ data }) => heard(data as Batch));
    worker.addEventListener('error', failed);
    return {
      read: ({ add, drop }) => {
        // The document's bytes lie in the frames that they came with: sent as they are, all of a frame would be copied.
        const copies = add.map(([id, bytes]) => [id, bytes.slice()] as const);
        worker.postMessage({ add: copies, drop }, { transfer: copies.map(([, bytes]) => bytes.buffer) });
      },
      close: () => worker.terminate(),
    };
  };
}

/** Answers what `inWorker` asks, in the worker. */
export function readForOthers(scope: Messages): void {
  const reader = new SegmentReader();
  scope.addEventListener('message', ({ data }) => {
    for (const batch of reader.read(data as SegmentsChange)) {
      if (batch) scope.postMessage(batch, { transfer: [...batch.blocks.flatMap(buffersOf), batch.order.buffer] });
    }
  });
}
