/** Reading segments: on this thread, behind a port as in a worker, with whatever comes and goes, against a plain model. */

import { expect, test } from 'vitest';
import * as Y from 'yjs';

import { type Change, type Json, ListDocument, addRow, comparePlaces, encodeSegment, inWorker, onThisThread, setCell, trashRows } from '../src/index.ts';
import { History } from '../src/history.ts';
import { type OpenSegments, type ReadingWorker, readForOthers } from '../src/segment-port.ts';
import { type SegmentRow, SegmentMalformed, decodeSegment } from '../src/segments.ts';
import { ADDRESS, OWNERS, PRICE, ROW_1, ROW_2, ROW_3, column, openGeneration, putSegment, replica, serverDoc } from './lists.ts';

const MARK = { by: 'user-ana-0000000', at: '2026-01-02T03:04:05.000Z' };
const COLUMNS = [ADDRESS, PRICE, OWNERS];
const opened: (() => void)[] = [];

/** The reader of a worker behind a real message channel: everything is cloned or moved. */
const behindAPort: OpenSegments = inWorker(() => {
  const { port1, port2 } = new MessageChannel();
  readForOthers(port2);
  port1.start();
  port2.start();
  opened.push(() => port1.close());
  return Object.assign(port1, { terminate: () => port1.close() }) as unknown as ReadingWorker;
});

/** Small numbers that repeat with their seed (mulberry32). */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const VALUES: readonly Json[] = [null, '', 'x', '12 Oak Lane', 'Grüße 家 🏠', '"', '[]', 0, -0.5, 9_007_199_254_740_991, true, false, [], ['own-a', 'own-b'], { line1: 'a', lat: 1.5 }];

function anyRows(pick: (below: number) => number, names: readonly string[]): SegmentRow[] {
  return names.map((name) => [name, `a${'123456789VZ'[pick(11)]}`, VALUES[pick(VALUES.length)]!, [null, pick(9)][pick(2)]!, ['own-a', 'own-b'].slice(pick(3))]);
}

test('[SNAP-4] whatever a segment holds comes back as it was written', () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const pick = chance(seed);
    const rows = anyRows(pick, Array.from({ length: pick(90) }, (_, index) => `row-${seed}-${index}-00000000`));
    expect(decodeSegment(encodeSegment({ columns: COLUMNS, rows }))).toEqual({ columns: COLUMNS, rows });
  }
});

test('[SNAP-5] any damage gives a segment or the one error', () => {
  const sound = encodeSegment({ columns: COLUMNS, rows: anyRows(chance(7), [ROW_1, ROW_2, ROW_3]) });
  for (let seed = 1; seed <= 500; seed += 1) {
    const pick = chance(seed);
    const bytes = sound.slice(0, sound.length - pick(2) * pick(sound.length));
    for (let hit = pick(3); hit > 0; hit -= 1) bytes[pick(bytes.length)] = pick(256);
    try {
      expect(decodeSegment(bytes).columns).toEqual(COLUMNS);
    } catch (error) {
      expect(error).toBeInstanceOf(SegmentMalformed);
    }
  }
});

test('what its reader would refuse is not written', () => {
  expect(() => encodeSegment({ columns: ['short'], rows: [] })).toThrow(SegmentMalformed);
  expect(() => encodeSegment({ columns: [], rows: [[ROW_1, 'a0'], [ROW_1, 'a1']] })).toThrow(SegmentMalformed);
});

/** What a list holds, the plain way: rows by id, with the position and the values of the newest segment or edit. */
type Model = Map<string, { position: string; values: Map<string, Json> }>;

function shown(list: ListDocument): unknown[] {
  return list.rows.ids.map((row) => [row, ...COLUMNS.map((id) => list.value(row, column(list, id)))]);
}

function expected(model: Model): unknown[] {
  return [...model]
    .toSorted(([left, { position }], [right, other]) => comparePlaces(position, left, other.position, right))
    .map(([row, { values }]) => [row, ...COLUMNS.map((id) => values.get(id) ?? (id === OWNERS ? [] : null))]);
}

test.each([['on this thread', onThisThread], ['behind a port', behindAPort]] as const)('[DATA-31] segments and edits, %s, show what the model says', async (_, open) => {
  for (let seed = 1; seed <= 12; seed += 1) {
    const pick = chance(seed);
    const server = serverDoc();
    const held = new Map<string, SegmentRow[]>();
    const model: Model = new Map();
    const list = new ListDocument(new Y.Doc(), open);
    server.on('update', (update: Uint8Array) => Y.applyUpdate(list.doc, update));
    Y.applyUpdate(list.doc, Y.encodeStateAsUpdate(server));
    for (let step = 0; step < 14; step += 1) {
      if (pick(3) > 0 || model.size === 0) {
        server.transact(() => {
          const gone = [...held.keys()].filter(() => pick(4) === 0);
          const moved = gone.flatMap((id) => held.get(id)!);
          for (const id of gone) {
            server.getMap('segments').delete(id);
            held.delete(id);
          }
          const fresh = anyRows(pick, Array.from({ length: pick(40) }, (_unused, index) => `row-${seed}-${step}-${index}-0000`));
          const rows = [...moved, ...fresh];
          if (rows.length === 0) return;
          held.set(`segment-${step}`, rows);
          putSegment(server, `segment-${step}`, { columns: COLUMNS, rows });
          for (const [row, position, ...values] of fresh) model.set(row, { position, values: new Map(COLUMNS.map((id, at) => [id, values[at]!])) });
        });
      } else {
        await list.inflated;
        edit(list, model, pick);
      }
      if (pick(2) === 0) await list.inflated;
    }
    await list.inflated;
    expect(shown(list)).toEqual(expected(model));
    expect([list.rowsToCome, list.isInflated]).toEqual([0, true]);
    list.rows.ids.forEach((row, index) => expect([list.rows.indexOf(row), list.rows.at(index)]).toEqual([index, row]));
    list.destroy();
  }
  for (const close of opened.splice(0)) close();
});

function edit(list: ListDocument, model: Model, pick: (below: number) => number): void {
  const row = [...model.keys()][pick(model.size)]!;
  const kept = model.get(row)!;
  switch (pick(4)) {
    case 0:
      list.write(setCell(list, row, column(list, ADDRESS), 'typed'));
      return void kept.values.set(ADDRESS, 'typed');
    case 1:
      list.write(setCell(list, row, column(list, OWNERS), ['own-a', 'own-c']));
      return void kept.values.set(OWNERS, ['own-a', 'own-c']);
    case 2:
      list.write([{ key: `r:${row}`, value: 'a0V', before: null }]);
      return void (kept.position = 'a0V');
    default:
      list.write(trashRows(list, [row], MARK));
      return void model.delete(row);
  }
}

test('[DATA-31] many live edits and many rows are merged as few are', async () => {
  const server = serverDoc(Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`live-${String(index * 7919 % 300).padStart(8, '0')}`, `a${(index % 9) + 1}`])));
  putSegment(server, 'segment-1', { columns: [], rows: Array.from({ length: 900 }, (_, index): SegmentRow => [`base-${String(index).padStart(8, '0')}`, `a${(index % 8) + 1}`]) });
  const list = replica(server);
  await list.inflated;
  list.write(Array.from({ length: 200 }, (_, index) => `base-${String(index).padStart(8, '0')}`).flatMap((row) => trashRows(list, [row], MARK)));
  const { ids } = list.rows;
  expect(ids).toHaveLength(1_000);
  const places = ids.map((row) => [list.rows.position(row)!, row] as const);
  expect(places).toEqual(places.toSorted(([left, row], [right, other]) => comparePlaces(left, row, right, other)));
});

test('[DATA-32] what replaces segments, and a generation that was folded into them, shows in one step', async () => {
  const server = serverDoc();
  putSegment(server, 'segment-1', { columns: [ADDRESS], rows: [[ROW_1, 'a0', 'old'], [ROW_2, 'a1', 'stays']] });
  const list = replica(server);
  server.on('update', (update: Uint8Array) => Y.applyUpdate(list.doc, update));
  await list.inflated;
  const first = server.getMap('overlays').get('1') as Y.Map<Json>;
  server.transact(() => {
    first.set(`c:${ROW_1}:${ADDRESS}`, 'new');
    first.set(`r:${ROW_3}`, 'a2');
    first.set(`c:${ROW_3}:${ADDRESS}`, 'made');
    first.set(`t:${ROW_2}`, MARK);
  });
  openGeneration(server, 2);
  const seen: unknown[] = [];
  const look = (): void => void seen.push(list.rows.ids.map((row) => list.value(row, column(list, ADDRESS))));
  look();
  list.subscribe(look);
  server.transact(() => {
    server.getMap('segments').delete('segment-1');
    putSegment(server, 'segment-2', { columns: [ADDRESS], rows: [[ROW_1, 'a0', 'new'], [ROW_3, 'a2', 'made']] });
    server.getMap('overlays').delete('1');
  });
  look();
  await list.inflated;
  expect(new Set(seen.map((each) => JSON.stringify(each)))).toEqual(new Set(['["new","made"]']));
  expect([list.generation, list.hasGeneration(1)]).toEqual([2, false]);
  list.write(setCell(list, ROW_1, column(list, ADDRESS), 'newer'));
  expect(list.value(ROW_1, column(list, ADDRESS))).toBe('newer');
});

test('[DATA-32] rows that come are there in the middle of those that were', async () => {
  const server = serverDoc();
  putSegment(server, 'segment-1', { columns: [], rows: [[ROW_1, 'a0'], [ROW_3, 'a2']] });
  const list = replica(server);
  server.on('update', (update: Uint8Array) => Y.applyUpdate(list.doc, update));
  await list.inflated;
  const before = list.rows;
  putSegment(server, 'segment-2', { columns: [], rows: [[ROW_2, 'a1']] });
  await list.inflated;
  expect(list.rows.ids).toEqual([ROW_1, ROW_2, ROW_3]);
  expect(before.ids).toEqual([ROW_1, ROW_3]);
});

test.each([
  ['cannot be started', (): ReadingWorker => { throw new Error('no workers here'); }],
  ['dies', (): ReadingWorker => ({ postMessage: () => undefined, terminate: () => undefined, addEventListener: (type, listener) => void (type === 'error' && setTimeout(() => listener(new MessageEvent('error')), 1)) })],
])('[DATA-33] a worker that %s is replaced by this thread', async (_, make) => {
  const server = serverDoc({ [ROW_2]: 'a1' });
  putSegment(server, 'segment-1', { columns: [ADDRESS], rows: [[ROW_1, 'a0', '12 Oak Lane']] });
  const list = new ListDocument(server, inWorker(make));
  await list.inflated;
  expect(list.rows.ids).toEqual([ROW_1, ROW_2]);
  expect(list.value(ROW_1, column(list, ADDRESS))).toBe('12 Oak Lane');
});

test('[WEB-93] while segments are read, what is still to come is counted, and an empty cell is not taken for its value', async () => {
  const server = serverDoc();
  const rows = (first: number): SegmentRow[] => Array.from({ length: 1_000 }, (_, index) => [`row-${first + index}-00000000`, 'a0', 'x']);
  for (let segment = 0; segment < 4; segment += 1) putSegment(server, `segment-${segment}`, { columns: [ADDRESS], rows: rows(segment * 1_000 + 10_000) });
  const last = 'row-13999-00000000';
  (server.getMap('overlays').get('1') as Y.Map<Json>).set(`r:${last}`, 'a1');
  const list = replica(server);
  const counts: number[] = [];
  list.subscribe(() => counts.push(list.rows.length + list.rowsToCome));
  expect([list.rowsToCome, list.awaits(last), list.value(last, column(list, ADDRESS))]).toEqual([4_000, true, null]);
  await list.inflated;
  expect([list.rowsToCome, list.awaits(last), list.value(last, column(list, ADDRESS))]).toEqual([0, false, 'x']);
  expect(counts.at(-1)).toBe(4_000);
  expect(Math.max(...counts)).toBeLessThanOrEqual(4_001);
});

test('[WEB-98] what was typed before its row had been read goes back to the value of its segment', async () => {
  const server = serverDoc();
  putSegment(server, 'segment-1', { columns: [ADDRESS, OWNERS], rows: [[ROW_1, 'a0', '12 Oak Lane', ['own-a']]] });
  (server.getMap('overlays').get('1') as Y.Map<Json>).set(`r:${ROW_1}`, 'a1');
  const [list, history] = [replica(server), new History()];
  const [address, owners] = [column(list, ADDRESS), column(list, OWNERS)];
  const edit = (step: readonly Change[]): void => {
    history.push(step, list);
    list.write(step);
  };
  expect(list.awaits(ROW_1)).toBe(true);
  edit([...addRow(ROW_2, 'a2'), ...setCell(list, ROW_2, address, 'new')]);
  edit([...setCell(list, ROW_1, address, 'typed'), ...setCell(list, ROW_1, owners, ['own-a', 'own-b'])]);
  await list.inflated;
  list.write(history.undo(list, MARK));
  expect([list.value(ROW_1, address), list.elements(ROW_1, OWNERS)]).toEqual(['12 Oak Lane', ['own-a']]);
  list.write(history.redo(list, MARK));
  expect([list.value(ROW_1, address), list.elements(ROW_1, OWNERS)]).toEqual(['typed', ['own-a', 'own-b']]);
  list.write(history.undo(list, MARK));
  list.write(history.undo(list, MARK));
  expect(list.rows.ids).toEqual([ROW_1]);
});

test('[WEB-98] what was typed is not undone to an empty cell while its row is still to be read', () => {
  const server = serverDoc();
  putSegment(server, 'segment-1', { columns: [ADDRESS], rows: [[ROW_1, 'a0', '12 Oak Lane']] });
  (server.getMap('overlays').get('1') as Y.Map<Json>).set(`r:${ROW_1}`, 'a1');
  const [list, history] = [replica(server), new History()];
  const step = setCell(list, ROW_1, column(list, ADDRESS), 'typed');
  history.push(step, list);
  list.write(step);
  expect(history.undo(list, MARK)).toEqual([]);
  expect(list.value(ROW_1, column(list, ADDRESS))).toBe('typed');
});

test('[WEB-3] a segment that could not be read is counted until it leaves', async () => {
  const server = serverDoc();
  server.getMap('segments').set('segment-bad', new Uint8Array([1, 2, 3]));
  const list = replica(server);
  server.on('update', (update: Uint8Array) => Y.applyUpdate(list.doc, update));
  await list.inflated;
  expect([list.unreadableSegments, list.rowsToCome]).toEqual([1, 0]);
  server.getMap('segments').delete('segment-bad');
  await list.inflated;
  expect(list.unreadableSegments).toBe(0);
  list.write(addRow(ROW_1, 'a0'));
  expect(list.rows.ids).toEqual([ROW_1]);
});
