import { type Column, ListDocument } from '@rowhouse/sdk';
import { expect, test } from 'vitest';
import * as Y from 'yjs';

import { type Board, clearCells, insertRow, isEditable, pasteCells } from '../src/list/edits.ts';

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

test('[WEB-17] only who may edit a column is offered to', () => {
  const column = { type: 'text', locked: false } as Column;
  expect(isEditable(column, 'editor')).toBe(true);
  expect(isEditable(column, 'member')).toBe(false);
  expect(isEditable(column, null)).toBe(false);
  expect(isEditable({ ...column, locked: true }, 'editor')).toBe(false);
  expect(isEditable({ ...column, locked: true }, 'admin')).toBe(true);
  expect(isEditable({ ...column, type: 'formula' }, 'owner')).toBe(false);
});
