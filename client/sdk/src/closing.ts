/** What a close of the socket means: the one table from close codes to what the client does next, and how soon. */

import type { Ended } from './save-state.ts';

/** Why there is no connection: `restarting` and `busy` are the server's own words, anything else is `lost`. */
export type Cause = 'lost' | 'restarting' | 'busy';

export type Verdict =
  | { readonly kind: 'retry'; readonly cause: Cause }
  /** Ask for a ticket again; the ticket call says whether the person is still signed in. */
  | { readonly kind: 'renew' }
  | { readonly kind: 'fresh_document' }
  | { readonly kind: 'end'; readonly why: Ended };

/** The close code for an update that broke a rule of structure. */
export const UNSOUND = 4400;

const VERDICTS: Readonly<Record<number, Verdict>> = {
  1001: { kind: 'retry', cause: 'restarting' },
  1012: { kind: 'retry', cause: 'restarting' },
  1013: { kind: 'retry', cause: 'busy' },
  [UNSOUND]: { kind: 'fresh_document' },
  4401: { kind: 'renew' },
  4403: { kind: 'end', why: 'no_access' },
  4404: { kind: 'end', why: 'gone' },
  4409: { kind: 'fresh_document' },
  4423: { kind: 'end', why: 'quarantined' },
  4429: { kind: 'end', why: 'too_many_refusals' },
};

const PERMANENT_MIN = 4400;
const PERMANENT_MAX = 4499;

/** Decides what follows a close; permanent codes that this client does not know ask for a newer client. */
export function verdict(code: number): Verdict {
  const known = VERDICTS[code];
  if (known) return known;
  return code >= PERMANENT_MIN && code <= PERMANENT_MAX ? { kind: 'end', why: 'outdated' } : { kind: 'retry', cause: 'lost' };
}

const LOST_FIRST_MS = 500;
const LOST_MAX_MS = 30_000;
/** A node that restarts leaves its clients to others: they come soon, but not all at the same moment. */
const SPREAD_MS = 1_000;
const BUSY_LEAST_MS = 2_000;
const BUSY_FIRST_MS = 4_000;
const BUSY_MAX_MS = 60_000;

/** How long to wait before attempt `attempt` (from 0): anything up to a bound that doubles. `random` is in [0, 1). */
export function retryDelayMs(cause: Cause, attempt: number, random: number): number {
  if (cause === 'busy') return BUSY_LEAST_MS + random * Math.min(BUSY_MAX_MS - BUSY_LEAST_MS, BUSY_FIRST_MS * 2 ** attempt);
  if (cause === 'restarting' && attempt === 0) return random * SPREAD_MS;
  return random * Math.min(LOST_MAX_MS, LOST_FIRST_MS * 2 ** attempt);
}
