/** How many rows the list on screen has, in words, while it is read and afterwards. */

import type { ListDocument } from '@rowhouse/sdk';
import { useCallback, useMemo, useSyncExternalStore } from 'react';

export interface Size {
  readonly words: string;
  /** Whether everything has been read. */
  readonly whole: boolean;
}

export function rowCount(count: number): string {
  return `${count.toLocaleString()} ${count === 1 ? 'row' : 'rows'}`;
}

/** Says how many rows are there, and how many are still to come. */
export function sizeWords(rows: number, toCome: number): string {
  return toCome === 0 ? rowCount(rows) : `Reading ${rows.toLocaleString()} of about ${rowCount(rows + toCome)} …`;
}

export function useSize(document: ListDocument): Size {
  const subscribe = useCallback((changed: () => void) => document.subscribe(changed), [document]);
  const rows = useSyncExternalStore(subscribe, () => document.rows.length);
  const toCome = useSyncExternalStore(subscribe, () => document.rowsToCome);
  const whole = useSyncExternalStore(subscribe, () => document.isInflated);
  const words = useMemo(() => sizeWords(rows, toCome), [rows, toCome]);
  return { words, whole };
}

/** How many segments of the list on screen could not be read. */
export function useUnreadable(document: ListDocument): number {
  const subscribe = useCallback((changed: () => void) => document.subscribe(changed), [document]);
  return useSyncExternalStore(subscribe, () => document.unreadableSegments);
}
