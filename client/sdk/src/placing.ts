/**
 * Placing rows between others: fractional positions that stay short, wherever and however often rows are put.
 *
 * The server's `snapshots/placing.py` does the same, key for key. Where a new position would be too long, or its
 * neighbours share one, the fewest neighbours (or half as many again) get new positions with it; the order that anybody
 * sees stays as it is.
 */

import { generateKeyBetween, generateNKeysBetween } from 'fractional-indexing';

/** The server refuses longer positions. */
const POSITION_CHARACTERS_MAX = 256;
/** Up to so many characters a position between two neighbours is taken as it is. */
export const POSITION_TAKEN_MAX = 128;
/** Rows that get new positions get some of at most so many characters. */
const POSITION_EVEN_MAX = 32;
/** Where so short ones do not suffice, all rows within reach get some of at most so many characters. */
const POSITION_WIDE_MAX = 96;
/** So many neighbours on each side are looked at, and may get new positions. */
export const REACH = 1_000;
/** The library makes this key before the first possible one, and takes it for none. */
const BELOW_ALL = `A${'0'.repeat(26)}`;
/** Two people who put rows at one place at the same moment get the same of so many places once in a while. */
const SPREAD = 32;

export type Neighbour = readonly [row: string, position: string];
type Ends = readonly [low: string | null, high: string | null];
type Make = (ends: Ends, count: number) => string[];

export interface Placing {
  /** The positions of the rows that are placed, in order. */
  readonly positions: readonly string[];
  /** New positions of neighbours. */
  readonly moved: ReadonlyMap<string, string>;
}

/**
 * Places `count` rows between their neighbours, which are given nearest first, up to `REACH` on each side (fewer: there are no more).
 *
 * With `random` (from 0 to 1) they go to a place of their own between the two, so that people who put rows there at the
 * same moment hardly ever get equal positions, nor rows between each other's. Where nothing else is possible the rows share
 * the position of a neighbour: then they stand beside it, by their ids.
 */
export function place(count: number, before: readonly Neighbour[], after: readonly Neighbour[], random?: () => number): Placing {
  const make: Make = random ? (ends, wanted) => scattered(ends, wanted, random) : between;
  const plain = attempt(count, before, after, [0, 0], POSITION_TAKEN_MAX, make);
  if (plain) return plain;
  for (const window of windows(before.length, after.length)) {
    const placing = attempt(count, before, after, window, POSITION_EVEN_MAX, between);
    if (placing) return placing;
  }
  const widest = [Math.min(before.length, REACH - 1), Math.min(after.length, REACH - 1)] as const;
  const shared = (before[0] ?? after[0])?.[1] ?? '';
  return (
    attempt(count, before, after, widest, POSITION_WIDE_MAX, between) ??
    attempt(count, before, after, [0, 0], POSITION_CHARACTERS_MAX, between) ?? {
      positions: Array.from({ length: count }, () => shared),
      moved: new Map<string, string>(),
    }
  );
}

function between([low, high]: Ends, count: number): string[] {
  return generateNKeysBetween(low, high, count);
}

function scattered(ends: Ends, count: number, random: () => number): string[] {
  const places = between(ends, SPREAD);
  const at = Math.floor(random() * (SPREAD - 1));
  return count === 1 ? places.slice(at, at + 1) : between([places[at] ?? null, places[at + 1] ?? null], count);
}

/** How many neighbours on each side get new positions: ever more, those after first. */
function* windows(before: number, after: number): Generator<readonly [number, number]> {
  for (let moved = 1; moved < 2 * (before + after); moved += Math.floor((moved + 1) / 2)) {
    for (const wanted of [0, moved, Math.floor(moved / 2)]) {
      const left = Math.min(wanted, before);
      yield [left, Math.min(moved - left, after)];
    }
  }
}

/** Places the rows with so many neighbours of each side; `null` where there is no room for such short positions. */
function attempt(
  count: number,
  before: readonly Neighbour[],
  after: readonly Neighbour[],
  [left, right]: readonly [number, number],
  charactersMax: number,
  make: Make,
): Placing | null {
  if ((left === before.length && left === REACH) || (right === after.length && right === REACH)) return null; // what comes then is not known
  const [low, high] = [before[left]?.[1] ?? null, after[right]?.[1] ?? null];
  if (low !== null && high !== null && low >= high) return null;
  const keys = keysIn([low, high], left + count + right, charactersMax, make);
  if (keys === null) return null;
  const rows = [...before.slice(0, left).toReversed(), ...after.slice(0, right)];
  const others = [...keys.slice(0, left), ...keys.slice(left + count)];
  return { positions: keys.slice(left, left + count), moved: new Map(rows.map(([row], index) => [row, others[index] ?? ''])) };
}

function keysIn([low, high]: Ends, count: number, charactersMax: number, make: Make): string[] | null {
  let keys: string[];
  try {
    if (generateKeyBetween(low, high).length > charactersMax) return null;
    keys = make([low, high], count);
  } catch {
    return null; // below the first of all positions there is none
  }
  return keys.every((key) => key.length <= charactersMax && key !== BELOW_ALL) ? keys : null;
}
