/** Follows an import until it has ended: by the server's events, and by asking where those do not come. */

import type { Import } from '../api/imports.ts';
import { Problem } from '../api/http.ts';

export interface Followed {
  readonly job: Import;
  /** Whether the server answered when it was last asked. */
  readonly reached: boolean;
}

export interface FollowPorts {
  readonly get: (id: string, signal: AbortSignal) => Promise<Import>;
  readonly stream: (id: string, signal: AbortSignal) => AsyncIterable<Import>;
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

export const PAUSE_MS = 1_000;
const PAUSE_MS_MAX = 15_000;

/** Whether an import waits or runs: the states in which it changes by itself. */
export function isUnderWay({ state }: Pick<Import, 'state'>): boolean {
  return state === 'queued' || state === 'running';
}

/** Whether asking again is of no use: the server has answered, and its answer is no. */
function isFinal(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted || (error instanceof Problem && error.status < 500 && error.status !== 429);
}

/**
 * Says how an import stands at each change that is seen, until it is no longer under way.
 *
 * Throws when the first answer does not come, and when the server refuses to tell. An outage after that is told and waited out.
 */
export async function* follow(id: string, { get, stream, wait }: FollowPorts, signal: AbortSignal): AsyncGenerator<Followed> {
  let job = await get(id, signal);
  let pauseMs = PAUSE_MS;
  yield { job, reached: true };
  while (isUnderWay(job)) {
    try {
      for await (job of stream(id, signal)) {
        yield { job, reached: true };
        if (!isUnderWay(job)) return;
      }
    } catch (error) {
      if (isFinal(error, signal)) throw error;
    }
    await wait(pauseMs, signal);
    try {
      job = await get(id, signal);
      pauseMs = PAUSE_MS;
      yield { job, reached: true };
    } catch (error) {
      if (isFinal(error, signal)) throw error;
      pauseMs = Math.min(2 * pauseMs, PAUSE_MS_MAX);
      yield { job, reached: false };
    }
  }
}
