/**
 * What one step of a person writes: changes of keys, each with the value that it replaced.
 *
 * Changes are facts, not Yjs structs: they survive a new generation, a new epoch or a fresh document, and a
 * step is undone by writing the old values back, never by deleting keys.
 */

import type { ListDocument } from './document.ts';
import { type Json, sameJson } from './json.ts';
import { cellKey, elementKey, parseKey, rowKey, trashKey } from './keys.ts';
import { type Column, isSetValued } from './schema.ts';

export interface Change {
  readonly key: string;
  readonly value: Json;
  readonly before: Json;
  /** What stood there was still to be read: `before` is not to be relied on. */
  readonly unread?: boolean;
}

/** Who trashed a row, and when (ISO 8601, UTC). */
export interface TrashMark {
  readonly by: string;
  readonly at: string;
}

type Readable = Pick<ListDocument, 'value' | 'elements' | 'at'>;

/** Setting a cell: nothing if it holds the value already, one change per element for a set-valued column. */
export function setCell(document: Readable, row: string, column: Column, value: Json): Change[] {
  if (isSetValued(column.type)) return setElements(document, row, column.id, value);
  const before = document.value(row, column);
  return sameJson(before, value) ? [] : [{ key: cellKey(row, column.id), value, before }];
}

function setElements(document: Readable, row: string, column: string, value: Json): Change[] {
  const before = new Set(document.elements(row, column));
  const after = new Set(Array.isArray(value) ? value.filter((element): element is string => typeof element === 'string') : []);
  const removed = [...before].filter((element) => !after.has(element));
  const added = [...after].filter((element) => !before.has(element));
  return [
    ...removed.map((element) => ({ key: elementKey(row, column, element), value: false, before: true })),
    ...added.map((element) => ({ key: elementKey(row, column, element), value: true, before: false })),
  ];
}

/** Making a row at a position. */
export function addRow(row: string, position: string): Change[] {
  return [{ key: rowKey(row), value: position, before: null }];
}

/** Putting a row at another position. */
export function moveRow(document: Readable, row: string, position: string): Change {
  return { key: rowKey(row), value: position, before: document.at(rowKey(row)) };
}

/** Putting rows into the trash. */
export function trashRows(document: Readable, rows: readonly string[], { by, at }: TrashMark): Change[] {
  return rows.map((row) => ({ key: trashKey(row), value: { by, at }, before: document.at(trashKey(row)) }));
}

/** Taking rows out of the trash. */
export function restoreRows(document: Readable, rows: readonly string[]): Change[] {
  return rows.map((row) => ({ key: trashKey(row), value: null, before: document.at(trashKey(row)) }));
}

/**
 * The changes that take a step back.
 *
 * A row that the step made is put into the trash whole (its key may not be deleted), with whatever the step
 * wrote into it.
 */
export function inverse(step: readonly Change[], mark: TrashMark): Change[] {
  const made = new Set<string>();
  for (const { key, before } of step) {
    const place = parseKey(key);
    if (place?.kind === 'row' && before === null) made.add(place.row);
  }
  const kept = step.filter(({ key }) => !made.has(parseKey(key)?.row ?? ''));
  return [
    ...[...made].map((row) => ({ key: trashKey(row), value: { by: mark.by, at: mark.at }, before: null })),
    ...kept.map(({ key, value, before }) => ({ key, value: before, before: value })).toReversed(),
  ];
}
