import * as Y from 'yjs';
import { describe, expect, test } from 'vitest';

import { addRow, positionBetween, restoreRows, setCell, trashRows } from '../src/index.ts';
import { ACTIVE, ADDRESS, OWNERS, PRICE, ROW_1, ROW_2, ROW_3, STATUS, column, openGeneration, putSegment, replica, serverDoc } from './lists.ts';

const MARK = { by: 'user-ana-0000000', at: '2026-01-02T03:04:05.000Z' };

function exchange(left: Y.Doc, right: Y.Doc): void {
  const toRight = Y.encodeStateAsUpdate(left, Y.encodeStateVector(right));
  Y.applyUpdate(left, Y.encodeStateAsUpdate(right, Y.encodeStateVector(left)));
  Y.applyUpdate(right, toRight);
}

describe('reading', () => {
  test('[WEB-1] a cell is the newest generation that has it, else its segment, else empty', async () => {
    const server = serverDoc();
    putSegment(server, 'seg-1', { columns: [ADDRESS, PRICE], rows: [[ROW_1, 'a0', '12 Oak Lane', 420_000]] });
    const list = replica(server);
    await list.inflated;
    expect(list.value(ROW_1, column(list, ADDRESS))).toBe('12 Oak Lane');
    expect(list.value(ROW_1, column(list, STATUS))).toBeNull();
    list.write([{ key: `c:${ROW_1}:${ADDRESS}`, value: '14 Oak Lane', before: '12 Oak Lane' }]);
    openGeneration(list.doc, 2, [[`c:${ROW_1}:${PRICE}`, null]]);
    expect(list.value(ROW_1, column(list, ADDRESS))).toBe('14 Oak Lane');
    expect(list.value(ROW_1, column(list, PRICE))).toBeNull();
  });

  test('[WEB-1] a set-valued cell is its segment’s elements, with each element’s newest mark', async () => {
    const server = serverDoc();
    putSegment(server, 'seg-1', { columns: [OWNERS], rows: [[ROW_1, 'a0', ['own-b', 'own-a']]] });
    openGeneration(server, 2, [[`e:${ROW_1}:${OWNERS}:own-b`, false], [`e:${ROW_1}:${OWNERS}:own-d`, true], [`e:${ROW_1}:${OWNERS}:own-c`, true]]);
    const list = replica(server);
    await list.inflated;
    expect(list.value(ROW_1, column(list, OWNERS))).toEqual(['own-a', 'own-c', 'own-d']);
  });

  test('[WEB-2] rows stand by position, then id, by code unit; trashed ones are not shown', () => {
    const list = replica(serverDoc({ [ROW_3]: 'a0', [ROW_2]: 'a1', [ROW_1]: 'a1' }));
    expect(list.rows.ids).toEqual([ROW_3, ROW_1, ROW_2]);
    list.write(trashRows(list, [ROW_1], MARK));
    expect(list.rows.ids).toEqual([ROW_3, ROW_2]);
    expect(list.rows.indexOf(ROW_1)).toBe(-1);
    list.write(restoreRows(list, [ROW_1]));
    expect(list.rows.indexOf(ROW_1)).toBe(1);
  });

  test('rows placed one by one and all at once stand in the same order', () => {
    const rows = Array.from({ length: 300 }, (_, index) => [`row-${String(index * 7919 % 300).padStart(12, '0')}`, `a${index % 10}`] as const);
    const atOnce = replica(serverDoc(Object.fromEntries(rows)));
    const oneByOne = replica(serverDoc());
    for (const [row, position] of rows) oneByOne.write(addRow(row, position));
    expect(oneByOne.rows.ids).toEqual(atOnce.rows.ids);
  });

  test('[WEB-3] a segment that cannot be read is counted, and the others are shown', async () => {
    const server = serverDoc();
    server.getMap('segments').set('seg-bad', new Uint8Array([1, 2, 3]));
    putSegment(server, 'seg-good', { columns: [], rows: [[ROW_1, 'a0']] });
    const list = replica(server);
    await list.inflated;
    expect(list.unreadableSegments).toBe(1);
    expect(list.rows.ids).toEqual([ROW_1]);
  });

  test('a folded list shows the same rows and values', async () => {
    const server = serverDoc({ [ROW_1]: 'a0' });
    (server.getMap('overlays').get('1') as Y.Map<string>).set(`c:${ROW_1}:${ADDRESS}`, '12 Oak Lane');
    const list = replica(server);
    server.transact(() => openGeneration(server, 2));
    putSegment(server, 'seg-1', { columns: [ADDRESS], rows: [[ROW_1, 'a0', '12 Oak Lane']] });
    exchange(server, list.doc);
    await list.inflated;
    server.getMap('overlays').delete('1');
    exchange(server, list.doc);
    expect(list.rows.ids).toEqual([ROW_1]);
    expect(list.value(ROW_1, column(list, ADDRESS))).toBe('12 Oak Lane');
  });

  test('the schema has its columns and options in order, without deleted ones', () => {
    const server = serverDoc();
    server.getMap('columns').set(`${PRICE}:deleted`, true);
    const { columns, name, primary } = replica(server).schema;
    expect(name).toBe('Properties');
    expect(primary).toBe(ADDRESS);
    expect(columns.map((each) => each.name)).toEqual(['Address', 'Status', 'Owners']);
    expect(columns[1]?.options).toEqual([{ id: ACTIVE, label: 'Active', colour: 4, position: 'a0' }]);
  });
});

describe('writing', () => {
  test('[WEB-4] two people who edit different cells of a row at once both keep their edits', () => {
    const server = serverDoc({ [ROW_1]: 'a0' });
    const [ana, ben] = [replica(server), replica(server)];
    ana.write(setCell(ana, ROW_1, column(ana, ADDRESS), '12 Oak Lane'));
    ben.write(setCell(ben, ROW_1, column(ben, PRICE), 420_000));
    exchange(ana.doc, ben.doc);
    for (const list of [ana, ben]) {
      expect(list.value(ROW_1, column(list, ADDRESS))).toBe('12 Oak Lane');
      expect(list.value(ROW_1, column(list, PRICE))).toBe(420_000);
    }
  });

  test('[WEB-4] two people who add different links to one cell at once both keep theirs', () => {
    const server = serverDoc({ [ROW_1]: 'a0' });
    const [ana, ben] = [replica(server), replica(server)];
    ana.write(setCell(ana, ROW_1, column(ana, OWNERS), ['own-a']));
    ben.write(setCell(ben, ROW_1, column(ben, OWNERS), ['own-b']));
    exchange(ana.doc, ben.doc);
    for (const list of [ana, ben]) expect(list.elements(ROW_1, OWNERS)).toEqual(['own-a', 'own-b']);
  });

  test('[WEB-5] clearing a cell writes null and deletes no key', () => {
    const list = replica(serverDoc({ [ROW_1]: 'a0' }));
    list.write(setCell(list, ROW_1, column(list, ADDRESS), 'x'));
    list.write(setCell(list, ROW_1, column(list, ADDRESS), null));
    const generation = list.doc.getMap('overlays').get('1') as Y.Map<unknown>;
    expect(generation.get(`c:${ROW_1}:${ADDRESS}`)).toBeNull();
  });

  test('setting what a cell holds already is no change', () => {
    const list = replica(serverDoc({ [ROW_1]: 'a0' }));
    list.write(setCell(list, ROW_1, column(list, OWNERS), ['own-a']));
    expect(setCell(list, ROW_1, column(list, OWNERS), ['own-a'])).toEqual([]);
    expect(setCell(list, ROW_1, column(list, ADDRESS), null)).toEqual([]);
  });

  test('[WEB-5] writes go into the newest generation', () => {
    const list = replica(serverDoc({ [ROW_1]: 'a0' }));
    const second = openGeneration(list.doc, 2);
    list.write(setCell(list, ROW_1, column(list, ADDRESS), 'x'));
    expect([...second.keys()]).toEqual([`c:${ROW_1}:${ADDRESS}`]);
  });

  test('listeners hear which cells changed, and whether the order did', () => {
    const list = replica(serverDoc({ [ROW_1]: 'a0' }));
    const heard: unknown[] = [];
    list.subscribe(({ order, cells }) => heard.push({ order, cells }));
    list.write(setCell(list, ROW_1, column(list, ADDRESS), 'x'));
    list.write(addRow(ROW_2, positionBetween('a0', null)));
    expect(heard).toEqual([{ order: false, cells: [[ROW_1, ADDRESS]] }, { order: true, cells: [] }]);
  });

  test('a position between two equal ones goes behind both', () => {
    expect(positionBetween('a1', 'a1') > 'a1').toBe(true);
    const middle = positionBetween('a0', 'a1');
    expect('a0' < middle && middle < 'a1').toBe(true);
  });
});
