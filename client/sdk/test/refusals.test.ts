/** What the person typed and the list does not hold: refused, or cut short by an end. Nothing of it is lost. */

import * as Y from 'yjs';
import { expect, test } from 'vitest';

import { type Session, addComment, setCell } from '../src/index.ts';
import { encodeRefused, encodeSyncStep2, encodeUpdate } from '../src/wire.ts';
import { ADDRESS, PRICE, ROW_1, STATUS, column, openGeneration, serverDoc } from './lists.ts';
import { FakeServer, sessionOn, settle } from './server.ts';

const MINUTE_MS = 60_000;
const cell = (columnId: string): string => `c:${ROW_1}:${columnId}`;

async function joined(server = new FakeServer(serverDoc({ [ROW_1]: 'a0' }))) {
  const { session, timers } = sessionOn(server);
  session.connect();
  await settle();
  return { server, session, timers };
}

function type(session: Session, columnId: string, value: string | number | null): void {
  const { document } = session.snapshot;
  session.edit(setCell(document, ROW_1, column(document, columnId), value));
}

function stored(server: FakeServer, columnId: string): unknown {
  return (server.doc.getMap('overlays').get('1') as Y.Map<unknown>).get(cell(columnId));
}

function shown(session: Session, columnId: string): unknown {
  const { document } = session.snapshot;
  return document.value(ROW_1, column(document, columnId));
}

test.each([
  [4403, 'no_access'],
  [4404, 'gone'],
  [4423, 'quarantined'],
  [4429, 'too_many_refusals'],
  [4499, 'outdated'],
])('[WEB-31] after close code %i the unsaved edits are listed, and trying again saves them', async (code, why) => {
  const { server, session, timers } = await joined();
  server.acknowledges = false;
  const before = Y.encodeStateAsUpdate(server.doc);
  const client = session.snapshot.document.doc.clientID;
  type(session, ADDRESS, '12 Oak La');
  type(session, ADDRESS, '12 Oak Lane');
  type(session, PRICE, 5);
  server.doc = new Y.Doc();
  Y.applyUpdate(server.doc, before);
  server.socket.drop(code, 'Because.');
  expect(session.snapshot.save).toEqual({ kind: 'ended', why, waiting: 2, kept: true });
  expect(session.snapshot.link).toEqual({ kind: 'ended', why, sentence: 'Because.' });
  expect(session.snapshot.unsaved).toMatchObject([
    { key: cell(ADDRESS), value: '12 Oak Lane', before: null, reason: 'unsaved' },
    { key: cell(PRICE), value: 5, reason: 'unsaved' },
  ]);
  expect(session.snapshot.pending).toBe(2);
  session.connect();
  await timers.pass(MINUTE_MS);
  expect(server.sockets).toHaveLength(1);
  server.acknowledges = true;
  session.restart();
  await settle();
  expect(session.snapshot.document.doc.clientID).not.toBe(client);
  expect([stored(server, ADDRESS), stored(server, PRICE)]).toEqual(['12 Oak Lane', 5]);
  expect(session.snapshot).toMatchObject({ save: { kind: 'saved' }, unsaved: [], atRisk: 0 });
});

test('[WEB-31] after a sign-out that nothing renews the edits made meanwhile are listed', async () => {
  const { session } = await joined();
  session.goOffline();
  type(session, ADDRESS, 'typed offline');
  session.stop('signed_out');
  expect(session.snapshot).toMatchObject({ save: { kind: 'ended', why: 'signed_out', waiting: 1 }, unsaved: [{ value: 'typed offline' }] });
});

test('[WEB-31] the names of rows stay readable while a fresh document is on its way', async () => {
  const { server, session } = await joined();
  type(session, ADDRESS, '12 Oak Lane');
  server.socket.drop(4400);
  expect(session.snapshot.loaded).toBe(false);
  expect(shown(session, ADDRESS)).toBe('12 Oak Lane');
  session.stop('no_access');
  expect(shown(session, ADDRESS)).toBe('12 Oak Lane');
});

test('[WEB-32] three unsound closes without a saved edit end the session, with everything kept', async () => {
  const { server, session, timers } = await joined();
  server.unsound = true;
  type(session, ADDRESS, 'typed');
  await timers.pass(10_000);
  expect(session.snapshot.refusals).toMatchObject([{ value: 'typed', reason: 'malformed' }]);
  type(session, ADDRESS, 'typed again');
  await timers.pass(MINUTE_MS);
  expect(session.snapshot).toMatchObject({ save: { kind: 'ended', why: 'outdated', waiting: 1 }, unsaved: [{ value: 'typed again' }], pending: 2 });
  expect(server.sockets).toHaveLength(3);
});

test('[WEB-33] edits are never sent under the name of another person', async () => {
  const { server, session } = await joined();
  session.goOffline();
  type(session, ADDRESS, 'mine alone');
  server.user = 'ben';
  session.connect();
  await settle();
  expect(session.snapshot.link).toMatchObject({ kind: 'ended', why: 'other_person' });
  expect(session.snapshot.unsaved).toMatchObject([{ value: 'mine alone' }]);
  expect(server.socket.frames).toBe(0);
  expect(stored(server, ADDRESS)).toBeUndefined();
});

test('[WEB-34] one cell refused twice is kept twice', async () => {
  const { server, session } = await joined();
  server.rule = () => 'role';
  type(session, ADDRESS, 'one');
  type(session, ADDRESS, 'two');
  expect(session.snapshot.refusals.map(({ value }) => value)).toEqual(['one', 'two']);
  expect(new Set(session.snapshot.refusals.map(({ id }) => id)).size).toBe(2);
});

test('[WEB-34] a thousand edits refused at once are all kept', async () => {
  const { server, session } = await joined();
  server.rule = () => 'role';
  session.edit(Array.from({ length: 1_000 }, (_, index) => ({ key: `c:row-${index}-0000000000:${ADDRESS}`, value: `v${index}`, before: null })));
  expect(session.snapshot.refusals).toHaveLength(1_000);
  expect(session.snapshot.atRisk).toBe(1_000);
});

test('[WEB-34] a refusal shows once the old value is back, or the connection is gone', async () => {
  const { server, session } = await joined();
  type(session, ADDRESS, '12 Oak Lane');
  server.rule = () => 'role';
  const seen: unknown[] = [];
  session.subscribe(() => session.snapshot.refusals.length > 0 && seen.push(shown(session, ADDRESS)));
  type(session, ADDRESS, 'refused');
  expect(seen[0]).toBe('12 Oak Lane');
  server.socket.deliver(encodeRefused([{ key: cell(PRICE), reason: 'role' }]));
  expect(session.snapshot.refusals).toHaveLength(1);
  server.socket.drop(1006);
  expect(session.snapshot.refusals).toHaveLength(2);
});

test('[WEB-34] a cleared cell is told as cleared, not by what was saved before', async () => {
  const { server, session } = await joined();
  type(session, ADDRESS, 'saved');
  server.rule = () => 'role';
  type(session, ADDRESS, null);
  expect(session.snapshot.refusals).toMatchObject([{ key: cell(ADDRESS), value: null }]);
  expect(session.snapshot.atRisk).toBe(0);
});

test('[WEB-34] a refusal of something that this client does not know keeps its key and reason', async () => {
  const { server, session } = await joined();
  server.socket.deliver(encodeRefused([{ key: cell(STATUS), reason: 'moon_phase' }, { key: '', reason: 'role' }]));
  server.acknowledge(server.socket);
  expect(session.snapshot.refusals).toMatchObject([
    { key: cell(STATUS), reason: 'moon_phase', value: undefined },
    { key: '', reason: 'role', value: undefined },
  ]);
  expect(session.snapshot.atRisk).toBe(0);
});

test('[WEB-34] the text of a refused comment is kept', async () => {
  const { server, session } = await joined();
  const { document } = session.snapshot;
  const vector = Y.encodeStateVector(server.doc);
  addComment(document.doc, 'comment-1-000000', { row: ROW_1, author: 'ben', at: '2026-01-02T03:04:05Z', body: 'a long thought' });
  server.doc.getMap('comments').delete('comment-1-000000');
  server.socket.deliver(encodeRefused([{ key: 'comments/comment-1-000000', reason: 'not_author' }]));
  server.socket.deliver(encodeUpdate(Y.encodeStateAsUpdate(server.doc, vector)));
  expect(document.doc.getMap('comments').size).toBe(0);
  expect(session.snapshot.refusals).toMatchObject([{ reason: 'not_author', value: { body: 'a long thought' } }]);
  expect(session.snapshot.atRisk).toBe(1);
});

test('[WEB-35] what was copied or dismissed would not be missed; what was dismissed comes back on demand', async () => {
  const { server, session } = await joined();
  server.rule = () => 'role';
  type(session, ADDRESS, 'one');
  type(session, PRICE, 2);
  expect(session.snapshot.atRisk).toBe(2);
  const [first] = session.snapshot.refusals;
  session.refusals.copied([first?.id ?? '']);
  expect(session.snapshot.atRisk).toBe(1);
  const dismissed = session.refusals.dismiss();
  expect(session.snapshot).toMatchObject({ refusals: [], atRisk: 0 });
  type(session, STATUS, 'three');
  session.refusals.restore(dismissed);
  expect(session.snapshot.refusals.map(({ value }) => value)).toEqual(['one', 2, 'three']);
});

test('[WEB-36] what a person was typing when the page stopped them is kept like a refusal', async () => {
  const { session } = await joined();
  session.refusals.keep({ key: cell(PRICE), value: 'half a numb', reason: 'role' });
  expect(session.snapshot).toMatchObject({ refusals: [{ value: 'half a numb', reason: 'role' }], atRisk: 1, save: { kind: 'refused', count: 1 } });
});

test('[WEB-12] an acknowledgement that comes before the fresh document drops no edit', async () => {
  const { server, session, timers } = await joined();
  server.unsound = true;
  type(session, ADDRESS, '12 Oak Lane');
  server.unsound = false;
  const answer = server.receive.bind(server);
  const late: (() => void)[] = [];
  server.receive = (socket, bytes) => (bytes[1] === 0 ? void late.push(() => answer(socket, bytes)) : answer(socket, bytes));
  await timers.pass(1_000);
  expect(server.socket.frames).toBe(1);
  for (const step of late) step();
  expect(stored(server, ADDRESS)).toBe('12 Oak Lane');
});

test('[WEB-12] what is written again wins over everything that the server knew', async () => {
  const { server, session, timers } = await joined();
  type(session, ADDRESS, 'first');
  session.goOffline();
  type(session, ADDRESS, 'second');
  session.stop('signed_out');
  // The first frame of a full sync may be older than the list; what has come since follows as updates.
  const early = new Y.Doc();
  Y.applyUpdate(early, Y.encodeStateAsUpdate(server.doc));
  const vector = Y.encodeStateVector(server.doc);
  const generation = server.doc.getMap('overlays').get('1') as Y.Map<unknown>;
  for (let number = 0; number < 20; number += 1) {
    const colleague = new Y.Doc();
    Y.applyUpdate(colleague, Y.encodeStateAsUpdate(server.doc));
    (colleague.getMap('overlays').get('1') as Y.Map<unknown>).set(cell(ADDRESS), `colleague ${number}`);
    Y.applyUpdate(server.doc, Y.encodeStateAsUpdate(colleague));
  }
  const answer = server.receive.bind(server);
  server.receive = (socket, bytes) => {
    if (bytes[1] !== 0) return answer(socket, bytes);
    socket.deliver(encodeSyncStep2(Y.encodeStateAsUpdate(early)));
    return socket.deliver(encodeUpdate(Y.encodeStateAsUpdate(server.doc, vector)));
  };
  session.restart();
  await timers.pass(1_000);
  expect(generation.get(cell(ADDRESS))).toBe('second');
});

test('[WEB-13] an edit of a generation that is gone is written again, though the server names no key', async () => {
  const { server, session } = await joined();
  server.acknowledges = false;
  type(session, ADDRESS, '12 Oak Lane');
  const vector = Y.encodeStateVector(server.doc);
  openGeneration(server.doc, 2, [[`r:${ROW_1}`, 'a0']]);
  server.doc.getMap('overlays').delete('1');
  server.socket.deliver(encodeUpdate(Y.encodeStateAsUpdate(server.doc, vector)));
  expect(shown(session, ADDRESS)).toBeNull();
  server.receive = (_socket, bytes) => Y.applyUpdate(server.doc, bytes.slice(bytes[2] !== undefined && bytes[2] < 128 ? 3 : 4));
  server.socket.deliver(encodeRefused([{ key: '', reason: 'stale_generation' }]));
  expect(shown(session, ADDRESS)).toBe('12 Oak Lane');
  expect((server.doc.getMap('overlays').get('2') as Y.Map<unknown>).get(cell(ADDRESS))).toBe('12 Oak Lane');
  expect(session.snapshot.refusals).toEqual([]);
});
