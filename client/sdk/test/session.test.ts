import { Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { expect, test } from 'vitest';

import { type Cursor, type Session, TicketRefused, setCell } from '../src/index.ts';
import { encodeAwareness } from '../src/wire.ts';
import { ADDRESS, PRICE, ROW_1, STATUS, column, serverDoc } from './lists.ts';
import { FakeServer, sessionOn, settle } from './server.ts';

const MINUTE_MS = 60_000;

async function joined(server = new FakeServer(serverDoc({ [ROW_1]: 'a0' }))) {
  const { session, timers } = sessionOn(server);
  session.connect();
  await settle();
  return { server, session, timers };
}

function type(session: Session, columnId: string, value: string | number): void {
  const { document } = session.snapshot;
  session.edit(setCell(document, ROW_1, column(document, columnId), value));
}

function shown(session: Session, columnId: string): unknown {
  const { document } = session.snapshot;
  return document.value(ROW_1, column(document, columnId));
}

function stored(server: FakeServer, columnId: string): unknown {
  return (server.doc.getMap('overlays').get('1') as Y.Map<unknown>).get(`c:${ROW_1}:${columnId}`);
}

test('a session connects, is welcomed and shows the list', async () => {
  const { session } = await joined();
  expect(session.snapshot).toMatchObject({ loaded: true, role: 'editor', user: { name: 'Ana' }, save: { kind: 'saved' } });
  expect(session.snapshot.document.rows.ids).toEqual([ROW_1]);
});

test('colleagues are the same array until one of them moves; where the person is themself is no news', async () => {
  const { server, session } = await joined();
  const colleague = new Awareness(new Y.Doc());
  const moves = (cursor: Cursor | null): void => {
    colleague.setLocalState({ user: { id: 'ben', name: 'Ben', hue: 60 }, cursor });
    server.socket.deliver(encodeAwareness(encodeAwarenessUpdate(colleague, [colleague.clientID])));
  };
  moves(null);
  const before = session.snapshot;
  session.point({ row: ROW_1, column: ADDRESS, editing: false });
  expect(session.snapshot).toBe(before);
  type(session, ADDRESS, '12 Oak Lane');
  expect(session.snapshot).not.toBe(before);
  expect(session.snapshot.peers).toBe(before.peers);
  moves({ row: ROW_1, column: PRICE, editing: true });
  expect(before.peers).toMatchObject([{ user: { name: 'Ben' }, cursor: null }]);
  expect(session.snapshot.peers).toMatchObject([{ user: { name: 'Ben' }, cursor: { column: PRICE } }]);
  colleague.destroy();
  session.close();
});

test('[WEB-8] an edit counts as saved only when the server says so', async () => {
  const { server, session } = await joined();
  server.acknowledges = false;
  type(session, ADDRESS, '12 Oak Lane');
  expect(session.snapshot.save).toEqual({ kind: 'saving' });
  expect(stored(server, ADDRESS)).toBe('12 Oak Lane');
  server.acknowledge(server.socket);
  expect(session.snapshot.save).toEqual({ kind: 'saved' });
});

test('[WEB-8] an acknowledgement of an older frame does not cover a newer edit', async () => {
  const { server, session } = await joined();
  server.acknowledges = false;
  type(session, ADDRESS, 'one');
  const { socket } = server;
  const first = socket.frames;
  type(session, ADDRESS, 'two');
  const all = socket.frames;
  socket.frames = first;
  server.acknowledge(socket);
  expect(session.snapshot.save).toEqual({ kind: 'saving' });
  socket.frames = all;
  server.acknowledge(socket);
  expect(session.snapshot.save).toEqual({ kind: 'saved' });
});

test('[WEB-9] edits made offline are counted, kept, and go up as one frame on return', async () => {
  const { server, session, timers } = await joined();
  session.goOffline();
  type(session, ADDRESS, '12 Oak Lane');
  type(session, PRICE, 1);
  type(session, PRICE, 2);
  expect(session.snapshot.save).toEqual({ kind: 'offline', waiting: 2, kept: true });
  await timers.pass(MINUTE_MS);
  expect(server.sockets).toHaveLength(1);
  session.connect();
  await settle();
  expect(server.socket.frames).toBe(1);
  expect([stored(server, ADDRESS), stored(server, PRICE)]).toEqual(['12 Oak Lane', 2]);
  expect(session.snapshot.save).toEqual({ kind: 'saved' });
});

test('[WEB-10] a broken connection comes back by itself, with a new ticket', async () => {
  const server = new FakeServer(serverDoc({ [ROW_1]: 'a0' }));
  let tickets = 0;
  const { session, timers } = sessionOn(server, { ticket: async () => `ticket-${(tickets += 1)}` });
  session.connect();
  await settle();
  server.socket.drop(1006);
  expect(session.snapshot.link).toMatchObject({ kind: 'waiting' });
  await timers.pass(1_000);
  expect(session.snapshot.save).toEqual({ kind: 'saved' });
  expect(tickets).toBe(2);
});

test('[WEB-10] a connection that has been silent for three heartbeats is given up', async () => {
  const { server, session, timers } = await joined();
  await timers.pass(46_000);
  expect(server.sockets).toHaveLength(2);
  expect(server.sockets[0]?.open).toBe(false);
  expect(session.snapshot.save).toEqual({ kind: 'saved' });
});

test('[WEB-11] a refused edit leaves the screen and stays in the list with what was typed', async () => {
  const { server, session } = await joined();
  server.rule = (key) => (key.endsWith(PRICE) ? 'locked_column' : null);
  type(session, ADDRESS, '12 Oak Lane');
  type(session, PRICE, 999);
  expect(shown(session, PRICE)).toBeNull();
  expect(session.snapshot.refusals).toMatchObject([{ key: `c:${ROW_1}:${PRICE}`, reason: 'locked_column', value: 999 }]);
  expect(session.snapshot.save).toEqual({ kind: 'refused', count: 1 });
  type(session, ADDRESS, '14 Oak Lane');
  expect(stored(server, ADDRESS)).toBe('14 Oak Lane');
  session.refusals.dismiss();
  expect(session.snapshot.save).toEqual({ kind: 'saved' });
});

test('[WEB-12] an unsound update brings a fresh document with the edits written again', async () => {
  const { server, session, timers } = await joined();
  server.acknowledges = false;
  const client = session.snapshot.document.doc.clientID;
  const before = Y.encodeStateAsUpdate(server.doc);
  type(session, ADDRESS, '12 Oak Lane');
  server.doc = new Y.Doc();
  Y.applyUpdate(server.doc, before);
  server.acknowledges = true;
  server.socket.drop(4400);
  await timers.pass(1_000);
  expect(session.snapshot.document.doc.clientID).not.toBe(client);
  expect(stored(server, ADDRESS)).toBe('12 Oak Lane');
  expect(session.snapshot.save).toEqual({ kind: 'saved' });
});

test('[WEB-12] edits that are unsound twice become refusals', async () => {
  const { server, session, timers } = await joined();
  server.unsound = true;
  type(session, ADDRESS, '12 Oak Lane');
  await timers.pass(10_000);
  expect(server.sockets).toHaveLength(3);
  expect(session.snapshot.refusals).toMatchObject([{ key: `c:${ROW_1}:${ADDRESS}`, reason: 'malformed', value: '12 Oak Lane' }]);
  expect(shown(session, ADDRESS)).toBeNull();
  expect(session.snapshot.save).toEqual({ kind: 'refused', count: 1 });
});

test('[WEB-13] a document of another epoch is never merged: the edits go into the new one', async () => {
  const { server, session, timers } = await joined();
  session.goOffline();
  type(session, STATUS, 'typed offline');
  server.epoch = 2;
  server.doc = serverDoc({ [ROW_1]: 'a5' });
  session.connect();
  await settle();
  expect(stored(server, STATUS)).toBeUndefined();
  await timers.pass(1_000);
  expect(session.snapshot.document.rows.position(ROW_1)).toBe('a5');
  expect(stored(server, STATUS)).toBe('typed offline');
});

test.each([
  [4403, 'no_access'],
  [4404, 'gone'],
  [4423, 'quarantined'],
  [4429, 'too_many_refusals'],
  [4499, 'outdated'],
])('[WEB-10] [WEB-65] close code %i ends the session: %s', async (code, why) => {
  const { server, session, timers } = await joined();
  server.socket.drop(code);
  await timers.pass(MINUTE_MS);
  expect(session.snapshot.save).toEqual({ kind: 'ended', why, waiting: 0, kept: true });
  expect(server.sockets).toHaveLength(1);
});

test('without a ticket for good the session ends; an unreachable server is asked again', async () => {
  const server = new FakeServer(serverDoc());
  const answers: Error[] = [new TypeError('network'), new TicketRefused('signed_out')];
  const { session, timers } = sessionOn(server, { ticket: () => Promise.reject(answers.shift()) });
  session.connect();
  await settle();
  expect(session.snapshot.save).toEqual({ kind: 'connecting' });
  await timers.pass(1_000);
  expect(session.snapshot.link).toMatchObject({ kind: 'ended', why: 'signed_out' });
});

test('[WEB-14] a lowered role shows at once as view only', async () => {
  const { server, session } = await joined(Object.assign(new FakeServer(serverDoc()), { role: 'member' as const }));
  expect(session.snapshot.save).toEqual({ kind: 'view_only' });
  const { encodeControl } = await import('../src/wire.ts');
  server.socket.deliver(encodeControl({ type: 'role', role: 'editor' }));
  expect(session.snapshot).toMatchObject({ role: 'editor', save: { kind: 'saved' } });
});
