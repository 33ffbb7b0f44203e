import { readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { type Neighbour, POSITION_TAKEN_MAX, REACH, place } from '../src/index.ts';

interface Case {
  readonly name: string;
  readonly count: number;
  readonly before: readonly Neighbour[];
  readonly after: readonly Neighbour[];
  readonly positions: readonly string[];
  readonly moved: Readonly<Record<string, string>>;
}

const { cases } = JSON.parse(readFileSync(new URL('../../../tests/vectors/placing.json', import.meta.url), 'utf8')) as { cases: Case[] };

test.each(cases.map((said) => [said.name, said] as const))('[DATA-95] %s: as the server places it', (_, { count, before, after, positions, moved }) => {
  const placing = place(count, before, after);
  expect(placing.positions).toEqual(positions);
  expect(Object.fromEntries(placing.moved)).toEqual(moved);
});

/** Numbers from 0 to 1, always the same ones. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

describe('with a place of their own', () => {
  const ends = [[['x', 'a1']], [['y', 'a2']]] as const;

  test('[DATA-97] two people at one place hardly ever get the same position', () => {
    const random = chance(7);
    const same = Array.from({ length: 200 }, () => place(1, ...ends, random).positions[0] === place(1, ...ends, random).positions[0]);
    expect(same.filter(Boolean).length).toBeLessThan(20);
  });

  test('[DATA-97] blocks that two people paste at one place do not mix', () => {
    const [first, second] = [0.2, 0.7].map((at) => place(40, ...ends, () => at).positions);
    const both = [...(first ?? []), ...(second ?? [])];
    expect(both).toEqual([...new Set(both)].toSorted());
    expect(both.every((position) => 'a1' < position && position < 'a2')).toBe(true);
  });

  test.each([['at the head', 0], ['at the tail', 2_002], ['at one place', 1]])('[DATA-95] rows put %s again and again stand in order, with short positions', (_, wanted) => {
    const random = chance(11);
    let order: Neighbour[] = [['first', 'a0'], ['last', 'a1']];
    for (let number = 0; number < 2_000; number += 1) {
      const at = Math.min(wanted, order.length);
      const placing = place(1, order.slice(Math.max(0, at - REACH), at).toReversed(), order.slice(at, at + REACH), random);
      if (placing.moved.size > 0) order = order.map(([row, position]) => [row, placing.moved.get(row) ?? position]);
      order.splice(at, 0, [`new-${number}`, placing.positions[0] ?? '']);
    }
    const positions = order.map(([, position]) => position);
    expect(positions).toEqual([...new Set(positions)].toSorted());
    expect(Math.max(...positions.map((position) => position.length))).toBeLessThanOrEqual(POSITION_TAKEN_MAX);
  });
});
