/** Fractional positions: the same keys as the server makes, compared by code unit. */

import { generateKeyBetween, generateNKeysBetween } from 'fractional-indexing';

/** Orders two things by position, then by id, both by code unit. */
export function comparePlaces(position: string, id: string, otherPosition: string, otherId: string): number {
  if (position !== otherPosition) return position < otherPosition ? -1 : 1;
  return id < otherId ? -1 : id > otherId ? 1 : 0;
}

/**
 * Makes a position after `before` and before `after` (`null` = the end of the list on that side).
 *
 * Two rows may share a position (two people inserted at the same place); then the new one is put behind both.
 */
export function positionBetween(before: string | null, after: string | null): string {
  if (before !== null && after !== null && before >= after) return generateKeyBetween(before, null);
  return generateKeyBetween(before, after);
}

/** Makes `count` ascending positions between two others, with the rule of `positionBetween`. */
export function positionsBetween(before: string | null, after: string | null, count: number): string[] {
  if (before !== null && after !== null && before >= after) return generateNKeysBetween(before, null, count);
  return generateNKeysBetween(before, after, count);
}
