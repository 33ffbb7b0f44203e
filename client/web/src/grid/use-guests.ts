/** Colleagues on the grid as state, with the moment at which the next name tag fades. */

import type { Column, Peer, Rows } from '@rowhouse/sdk';
import { useEffect, useMemo, useRef, useState } from 'react';

import { type Guest, Movements, guestsOf, nextFadeMs } from './presence-layer.ts';

export function useGuests(peers: readonly Peer[], rows: Rows, columns: readonly Column[]): readonly Guest[] {
  const movements = useRef(new Movements());
  const [faded, setFaded] = useState(0);
  // `faded` stands for the tags that have gone since.
  const guests = useMemo(
    () => guestsOf(peers, rows, columns, movements.current, performance.now()),
    // oxlint-disable-next-line react-hooks/exhaustive-deps
    [peers, rows, columns, faded],
  );
  useEffect(() => {
    const left = nextFadeMs(guests, performance.now());
    if (left === null) return undefined;
    const timer = setTimeout(() => setFaded((count) => count + 1), left + 1);
    return () => clearTimeout(timer);
  }, [guests]);
  return guests;
}
