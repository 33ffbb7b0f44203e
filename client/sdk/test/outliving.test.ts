/** Edits that outlive the page in which they were made: each arrives once, and overwrites nothing newer. */

import * as Y from 'yjs';
import { expect, test } from 'vitest';

import { type DeviceOutbox, type Session, setCell } from '../src/index.ts';
import { BYTES_MAX } from '../src/safekeeping.ts';
import { newDevice, settleDevice } from './device.ts';
import { encodeRefused } from '../src/wire.ts';
import { ADDRESS, PRICE, ROW_1, column, openGeneration, putSegment, serverDoc } from './lists.ts';
import { FakeServer, sessionOn, settle } from './server.ts';

const cell = (columnId: string): string => `c:${ROW_1}:${columnId}`;

/** A page of a device with the list open. */
async function page(server: FakeServer, device: DeviceOutbox, name: string, person = 'ana') {
  const { session, timers } = sessionOn(server, { person, store: device.page(person, 'list', name) });
  session.connect();
  await settle();
  await settleDevice();
  return { session, timers };
}

function type(session: Session, columnId: string, value: string | number): void {
  const { document } = session.snapshot;
  session.edit(setCell(document, ROW_1, column(document, columnId), value));
}

function stored(server: FakeServer, columnId = ADDRESS, generation = '1'): unknown {
  return (server.doc.getMap('overlays').get(generation) as Y.Map<unknown>).get(cell(columnId));
}

/** A colleague changes the address on the server. */
function colleague(server: FakeServer, value: string): void {
  const generations = server.doc.getMap('overlays');
  const newest = Math.max(...[...generations.keys()].map(Number));
  (generations.get(String(newest)) as Y.Map<unknown>).set(cell(ADDRESS), value);
}

/** Ana's page with an edit that is not acknowledged, which then ends; `reached` = the server has the edit. */
async function crashed({ reached, before }: { reached: boolean; before?: string }) {
  const server = new FakeServer(serverDoc({ [ROW_1]: 'a0' }));
  if (before) colleague(server, before);
  const { device, kill } = newDevice();
  const { session } = await page(server, device, 'page-1');
  server.acknowledges = false;
  if (!reached) session.goOffline();
  type(session, ADDRESS, '12 Oak Lane');
  await settleDevice();
  expect(session.snapshot.atRisk).toBe(0);
  server.socket.drop(1006);
  kill('page-1');
  server.acknowledges = true;
  return { server, device, kill, session };
}

test('[WEB-50] an edit that was made offline arrives from the next page, once', async () => {
  const { server, device } = await crashed({ reached: false });
  expect(stored(server)).toBeUndefined();
  const { session } = await page(server, device, 'page-2');
  expect(stored(server)).toBe('12 Oak Lane');
  expect(session.snapshot).toMatchObject({ save: { kind: 'saved' }, refusals: [], pending: 0 });
  // As the very structs that it was: the second page has written nothing of its own.
  expect(server.doc.store.clients.has(session.snapshot.document.doc.clientID)).toBe(false);
  await settleDevice();
  expect(await device.count('ana')).toBe(0);
});

test('[WEB-50] a page that was opened without a network counts what the one before it left', async () => {
  const { server, device } = await crashed({ reached: false });
  const { session } = sessionOn(server, { store: device.page('ana', 'list', 'page-2') });
  session.goOffline();
  await settleDevice();
  expect(session.snapshot.save).toEqual({ kind: 'offline', waiting: 1, kept: true });
});

test('[WEB-54] an edit that the server had, and could not acknowledge, is not applied again', async () => {
  const { server, device } = await crashed({ reached: true });
  const structs = Y.encodeStateVector(server.doc);
  const { session } = await page(server, device, 'page-2');
  expect(stored(server)).toBe('12 Oak Lane');
  expect(Y.encodeStateVector(server.doc)).toEqual(structs);
  expect(session.snapshot).toMatchObject({ save: { kind: 'saved' }, refusals: [] });
});

test('[WEB-55] it does not come over what a colleague wrote since, nor over what they put back', async () => {
  for (const since of ['a colleague’s', 'as before']) {
    const { server, device } = await crashed({ reached: true, before: 'as before' });
    colleague(server, since);
    const { session } = await page(server, device, 'page-2');
    expect(stored(server)).toBe(since);
    expect(session.snapshot.refusals).toMatchObject([{ key: cell(ADDRESS), reason: 'unconfirmed', value: '12 Oak Lane' }]);
  }
});

test('[WEB-55] a refusal that was lost with the connection is told by the page that comes back', async () => {
  const server = new FakeServer(serverDoc({ [ROW_1]: 'a0' }));
  const { session, timers } = await page(server, newDevice().device, 'page-1');
  server.rule = () => 'locked_column';
  const { socket } = server;
  socket.onmessage = null;
  type(session, ADDRESS, '12 Oak Lane');
  socket.drop(1006);
  server.rule = () => null;
  await timers.pass(1_000);
  expect(stored(server)).toBeUndefined();
  expect(session.snapshot.refusals).toMatchObject([{ reason: 'unconfirmed', value: '12 Oak Lane' }]);
});

test.each([
  ['nobody has touched the cell', true, null, '12 Oak Lane', 0],
  ['the cell shows it already', true, '12 Oak Lane', '12 Oak Lane', 0],
  ['a colleague has written there', true, 'a colleague’s', 'a colleague’s', 1],
])('[WEB-57] in another epoch an adopted edit comes as a fact: %s', async (_case, reached, since, held, refused) => {
  const { server, device } = await crashed({ reached });
  server.epoch = 2;
  server.doc = serverDoc({ [ROW_1]: 'a5' });
  if (since) colleague(server, since);
  const { session } = await page(server, device, 'page-2');
  expect(stored(server)).toBe(held);
  expect(session.snapshot.refusals).toHaveLength(refused);
  expect(session.snapshot.pending).toBe(refused);
});

test('[WEB-94] an edit that comes home is compared with what the segments hold, once they have been read', async () => {
  const { server, device } = await crashed({ reached: true });
  server.epoch = 2;
  server.doc = serverDoc();
  putSegment(server.doc, 'segment-1', { columns: [ADDRESS], rows: [[ROW_1, 'a5', 'a colleague’s']] });
  const { session } = await page(server, device, 'page-2');
  await expect.poll(() => session.snapshot.refusals).toMatchObject([{ reason: 'unconfirmed', value: '12 Oak Lane' }]);
  expect(stored(server)).toBeUndefined();
});

test('[WEB-57] an adopted edit that is no longer allowed is refused like a new one', async () => {
  const { server, device } = await crashed({ reached: false });
  server.epoch = 2;
  server.doc = serverDoc({ [ROW_1]: 'a5' });
  server.rule = () => 'locked_column';
  const { session } = await page(server, device, 'page-2');
  expect(session.snapshot.refusals).toMatchObject([{ reason: 'locked_column', value: '12 Oak Lane' }]);
});

test('[WEB-56] what was typed offline comes home after its generation is gone, once, and nobody notices', async () => {
  const server = new FakeServer(serverDoc({ [ROW_1]: 'a0' }));
  const { device } = newDevice();
  const { session } = await page(server, device, 'page-1');
  session.goOffline();
  type(session, ADDRESS, '12 Oak Lane');
  openGeneration(server.doc, 2, [[`r:${ROW_1}`, 'a0']]);
  server.doc.getMap('overlays').delete('1');
  const answer = newestOnly(server);
  let writes = 0;
  server.receive = (socket, bytes) => {
    if (bytes[0] === 0 && bytes[1] !== 0 && (writes += 1) === 1) socket.deliver(encodeRefused([{ key: '', reason: 'stale_generation' }]));
    answer(socket, bytes);
  };
  const seen = new Set<string>();
  session.subscribe(() => seen.add(session.snapshot.save.kind));
  session.connect();
  await settle();
  await settleDevice();
  expect(stored(server, ADDRESS, '2')).toBe('12 Oak Lane');
  expect(writes).toBe(2);
  expect(session.snapshot).toMatchObject({ save: { kind: 'saved' }, refusals: [], pending: 0 });
  expect([...seen].toSorted()).toEqual(['reconnecting', 'saved', 'saving']);
  expect(await device.count('ana')).toBe(0);
});

test('[WEB-56] an adopted edit of a generation that is gone is written into its successor', async () => {
  const { server, device } = await crashed({ reached: false });
  openGeneration(server.doc, 2, [[`r:${ROW_1}`, 'a0']]);
  server.doc.getMap('overlays').delete('1');
  const generation = (): unknown => stored(server, ADDRESS, '2');
  server.receive = newestOnly(server);
  const { session } = await page(server, device, 'page-2');
  expect(generation()).toBe('12 Oak Lane');
  expect(session.snapshot.refusals).toEqual([]);
});

/** A server that applies and acknowledges, whatever the generation. */
function newestOnly(server: FakeServer): FakeServer['receive'] {
  const receive = server.receive.bind(server);
  return (socket, bytes) => {
    if (bytes[0] !== 0 || bytes[1] === 0) return receive(socket, bytes);
    const update = bytes.slice(bytes.length > 130 ? 4 : 3);
    Y.applyUpdate(server.doc, update);
    socket.frames += 1;
    server.acknowledge(socket);
  };
}

test('[WEB-51] the next person on the device sends nothing of the first', async () => {
  const { server, device } = await crashed({ reached: false });
  server.user = 'ben';
  const { session } = await page(server, device, 'page-2', 'ben');
  expect(session.snapshot).toMatchObject({ save: { kind: 'saved' }, pending: 0 });
  expect(stored(server)).toBeUndefined();
  expect(await device.count('ana')).toBe(1);
  server.user = 'ana';
  await page(server, device, 'page-3');
  expect(stored(server)).toBe('12 Oak Lane');
});

test('[WEB-52] a page that stays open takes over what another left, by itself', async () => {
  const server = new FakeServer(serverDoc({ [ROW_1]: 'a0' }));
  const { device, kill } = newDevice();
  const first = await page(server, device, 'page-1');
  const second = await page(server, device, 'page-2');
  first.session.goOffline();
  type(first.session, ADDRESS, '12 Oak Lane');
  await settleDevice();
  kill('page-1');
  server.sockets[1]?.deliver(new Uint8Array([1, 1, 0]));
  await second.timers.pass(21_000);
  await settleDevice();
  expect(stored(server)).toBe('12 Oak Lane');
});

test('[WEB-50] what is refused, or saved, leaves the device', async () => {
  const server = new FakeServer(serverDoc({ [ROW_1]: 'a0' }));
  const { device } = newDevice();
  const { session } = await page(server, device, 'page-1');
  server.rule = (key) => (key.endsWith(PRICE) ? 'locked_column' : null);
  type(session, ADDRESS, 'saved');
  type(session, PRICE, 5);
  await settleDevice();
  expect(await device.count('ana')).toBe(0);
});

test('[WEB-53] beyond the bound, and where writing fails, edits count as in this page only and can be copied', async () => {
  const server = new FakeServer(serverDoc({ [ROW_1]: 'a0' }));
  const { session } = await page(server, newDevice().device, 'page-1');
  session.goOffline();
  type(session, PRICE, 1);
  type(session, ADDRESS, 'x'.repeat(BYTES_MAX));
  await settleDevice();
  expect(session.snapshot.save).toEqual({ kind: 'offline', waiting: 2, kept: false });
  expect(session.snapshot).toMatchObject({ atRisk: 1, pending: 2 });
  expect(session.snapshot.unsaved).toHaveLength(2);
  const full = { write: () => Promise.reject(new Error('full')), adopt: async () => [], close: () => undefined };
  const { session: other } = sessionOn(server, { store: full });
  other.connect();
  await settle();
  other.goOffline();
  type(other, PRICE, 2);
  await settle();
  expect(other.snapshot).toMatchObject({ save: { kept: false }, atRisk: 1 });
});

test('[WEB-64] an edit is at risk until the device has it, and not any more then', async () => {
  const server = new FakeServer(serverDoc({ [ROW_1]: 'a0' }));
  const { session } = await page(server, newDevice().device, 'page-1');
  session.goOffline();
  type(session, ADDRESS, '12 Oak Lane');
  expect(session.snapshot).toMatchObject({ atRisk: 1, pending: 1 });
  await settleDevice();
  expect(session.snapshot).toMatchObject({ atRisk: 0, pending: 1 });
});
