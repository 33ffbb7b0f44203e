/**
 * What becomes of an edit that comes home to a document which it does not stand in, or not visibly.
 *
 * 1. What the list shows already is done.
 * 2. What was never sent is written: the person's edit is the newer one.
 * 3. What may have been sent is never written over something newer. Where its structs are known to the document the
 *    server has judged it: it was refused, or somebody has changed the cell since. Where they cannot be known (another
 *    epoch, a generation that is gone) it is written only if the cell still holds what the edit replaced.
 * 4. What is not written by rule 3 is unconfirmed: it goes to the person, not into the list. Of rows that others have moved or
 *    trashed there is nothing to tell.
 */

import * as Y from 'yjs';

import type { Change } from './changes.ts';
import type { ListDocument } from './document.ts';
import { isObject, sameJson } from './json.ts';
import { parseKey } from './keys.ts';
import type { Fact } from './outbox.ts';

export interface Homecoming {
  readonly written: readonly Change[];
  readonly unconfirmed: readonly Change[];
}

type Home = Pick<ListDocument, 'at' | 'doc' | 'hasGeneration'>;

/** Decides for each fact; `epoch` is the document's. */
export function homecoming(facts: readonly Fact[], document: Home, epoch: number | null): Homecoming {
  const written: Change[] = [];
  const unconfirmed: Change[] = [];
  for (const fact of facts) {
    const { key, value, before } = fact;
    const now = document.at(key);
    const kind = parseKey(key)?.kind;
    // Trash marks are alike whoever set them and whenever.
    if (sameJson(now, value) || (kind === 'trash' && isObject(now) === isObject(value))) continue;
    if (isNewest(fact, document, epoch)) written.push({ key, value, before: now });
    else if (kind === 'cell' || kind === 'element') unconfirmed.push({ key, value, before });
  }
  return { written, unconfirmed };
}

function isNewest({ key, before, doubtful, trace }: Fact, document: Home, epoch: number | null): boolean {
  if (!doubtful) return true;
  const known = trace !== null && trace.epoch === epoch && document.hasGeneration(trace.generation);
  return known ? Y.getState(document.doc.store, trace.client) < trace.to : sameJson(document.at(key), before);
}
