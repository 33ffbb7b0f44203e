import { type Column, ListDocument } from '@rowhouse/sdk';
import { expect, test } from 'vitest';
import * as Y from 'yjs';

import { type Board, carryRows, clearCells, insertRow, isEditable, moveRows, pasteCells } from '../src/list/edits.ts';

const NAMES = { people: new Map(), row: () => null, findRow: () => undefined };
const READING = { names: NAMES, locale: 'en-US', today: '2026-11-23' };
const ROWS = ['row-1-0000000000', 'row-2-0000000000'];

function board(): Board {
  const doc = new Y.Doc();
  const columns = doc.getMap<unknown>('columns');
  for (const [id, type, pos] of [['col-text-0000001', 'text', 'a0'], ['col-number-00001', 'number', 'a1'], ['col-formula-0001', 'formula', 'a2']] as const) {
    for (const [attribute, said] of Object.entries({ name: type, type, pos })) columns.set(`${id}:${attribute}`, said);
  }
  const generation = new Y.Map();
  doc.getMap('overlays').set('1', generation);
  for (const [index, row] of ROWS.entries()) generation.set(`r:${row}`, `a${index}`);
  const document = new ListDocument(doc);
  return { document, columns: document.schema.columns, role: 'editor' };
}

function texts({ document, columns }: Board): unknown[][] {
  return document.rows.ids.map((row) => columns.slice(0, 2).map((column) => document.value(row, column)));
}

test('[WEB-24] a paste writes what fits, counts what does not, and adds the rows that are missing', () => {
  const list = board();
  const { step, skipped, addedRows, target } = pasteCells(list, { x: 0, y: 1, width: 1, height: 1 }, [['a', '1', 'x'], ['b', 'two', 'y']], READING);
  list.document.write(step);
  expect(texts(list)).toEqual([[null, null], ['a', 1], ['b', null]]);
  expect([skipped, addedRows, target]).toEqual([3, 1, { x: 0, y: 1, width: 3, height: 2 }]);
});

test('[WEB-5] clearing writes empty values and leaves computed columns alone', () => {
  const list = board();
  list.document.write(pasteCells(list, { x: 0, y: 0, width: 2, height: 1 }, [['a', '1']], READING).step);
  list.document.write(clearCells(list, { x: 0, y: 0, width: 3, height: 1 }));
  expect(texts(list)).toEqual([[null, null], [null, null]]);
});

test.each([
  [0, 0],
  [1, 1],
  [2, 2],
  [9, 2],
])('a row inserted at %i is shown at %i', (at, shown) => {
  const { document } = board();
  const { row, step } = insertRow(document, at);
  document.write(step);
  expect(document.rows.indexOf(row)).toBe(shown);
});

function rowsAt(positions: readonly string[]): ListDocument {
  const doc = new Y.Doc();
  const generation = new Y.Map();
  doc.getMap('overlays').set('1', generation);
  for (const [index, position] of positions.entries()) generation.set(`r:row-${index}-0000000000`, position);
  return new ListDocument(doc);
}

function order({ rows }: ListDocument): string {
  return rows.ids.map((id) => /^row-(\d)-/.exec(id)?.[1] ?? '+').join('');
}

function named(...rows: number[]): string[] {
  return rows.map((row) => `row-${row}-0000000000`);
}

test.each([
  [[0], 3, '12034'],
  [[4], 0, '40123'],
  [[1, 2], 5, '03412'],
  [[3, 1], 1, '01324'],
  [[0, 4], 2, '10423'],
  [[2], 3, '01234'],
  [[1, 2], 2, '01234'],
  [[9], 2, '01234'],
])('[WEB-90] rows %j dropped at %i stand together in their order', (rows, at, after) => {
  const document = rowsAt(['a0', 'a1', 'a2', 'a3', 'a4']);
  document.write(moveRows(document, named(...rows), at));
  expect(order(document)).toBe(after);
});

test.each([
  [[0], -1, '01234'],
  [[2], -1, '02134'],
  [[2], 1, '01324'],
  [[2, 3], 1, '01423'],
  [[4], 1, '01234'],
  [[1, 4], 1, '01234'],
] as const)('[WEB-90] rows %j carried by %i', (rows, step, after) => {
  const document = rowsAt(['a0', 'a1', 'a2', 'a3', 'a4']);
  document.write(carryRows(document, named(...rows), step));
  expect(order(document)).toBe(after);
});

test('[DATA-96] between rows of one position there is room for a new row, and for one that is moved', () => {
  const document = rowsAt(['a1', 'a1', 'a1', 'a1', 'a2']);
  document.write(insertRow(document, 2).step);
  expect(order(document)).toBe('01+234');
  document.write(moveRows(document, named(4), 1));
  expect(order(document)).toBe('041+23');
});

test('[WEB-17] only who may edit a column is offered to', () => {
  const column = { type: 'text', locked: false } as Column;
  expect(isEditable(column, 'editor')).toBe(true);
  expect(isEditable(column, 'member')).toBe(false);
  expect(isEditable(column, null)).toBe(false);
  expect(isEditable({ ...column, locked: true }, 'editor')).toBe(false);
  expect(isEditable({ ...column, locked: true }, 'admin')).toBe(true);
  expect(isEditable({ ...column, type: 'formula' }, 'owner')).toBe(false);
});
