/** What a close of the socket means: the one table from close codes to what the client does next. */

import type { Ended } from './save-state.ts';

export type Verdict =
  | { readonly kind: 'retry' }
  /** Ask for a ticket again; the ticket call says whether the person is still signed in. */
  | { readonly kind: 'renew' }
  | { readonly kind: 'fresh_document' }
  | { readonly kind: 'end'; readonly why: Ended };

/** The close code for an update that broke a rule of structure. */
export const UNSOUND = 4400;

const VERDICTS: Readonly<Record<number, Verdict>> = {
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
  return code >= PERMANENT_MIN && code <= PERMANENT_MAX ? { kind: 'end', why: 'outdated' } : { kind: 'retry' };
}

const DELAY_MIN_MS = 500;
const DELAY_MAX_MS = 30_000;

/** How long to wait before attempt `attempt` (from 0): doubling, with half of it random. `random` is in [0, 1). */
export function retryDelayMs(attempt: number, random: number): number {
  const full = Math.min(DELAY_MAX_MS, DELAY_MIN_MS * 2 ** attempt);
  return full / 2 + (full / 2) * random;
}
