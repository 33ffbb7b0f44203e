import { setCell } from '@rowhouse/sdk';
import { expect, test } from 'vitest';

import { ADDRESS, ROW_1, column, serverDoc } from '../../sdk/test/lists.ts';
import { FakeServer, sessionOn, settle } from '../../sdk/test/server.ts';
import { OpenLists } from '../src/list/open-lists.ts';

const device = { count: async () => 0, discard: async () => undefined };

async function opened() {
  const server = new FakeServer(serverDoc({ [ROW_1]: 'a0' }));
  const lists = new OpenLists(() => sessionOn(server).session, device);
  const session = lists.open('list', 'ana');
  await settle();
  const type = (text: string): void => session.edit(setCell(session.snapshot.document, ROW_1, column(session.snapshot.document, ADDRESS), text));
  return { server, lists, session, type };
}

test('[WEB-38] a list that is left with nothing to lose is closed, and opened anew', async () => {
  const { server, lists, session } = await opened();
  lists.leave('list');
  expect(server.socket.open).toBe(false);
  expect(lists.open('list', 'ana')).not.toBe(session);
});

test('[WEB-38] a list that is left with unsaved edits goes on until they are saved', async () => {
  const { server, lists, session, type } = await opened();
  lists.goOffline();
  type('typed offline');
  lists.leave('list');
  expect(lists.pending).toEqual(new Map([['list', 1]]));
  lists.connect();
  await settle();
  expect(session.snapshot.save).toEqual({ kind: 'saved' });
  expect(lists.pending).toEqual(new Map());
  expect(server.socket.open).toBe(false);
});

test('a list that is opened without a network waits for it', async () => {
  const { lists } = await opened();
  lists.goOffline();
  const other = lists.open('other', 'ana');
  expect(other.snapshot.save).toEqual({ kind: 'offline', waiting: 0, kept: true });
  lists.connect();
  await settle();
  expect(other.snapshot.save).toEqual({ kind: 'saved' });
});

test('[WEB-38] refused edits wait for the person to come back to their list', async () => {
  const { server, lists, session, type } = await opened();
  server.rule = () => 'role';
  type('refused');
  lists.leave('list');
  expect(lists.open('list', 'ana')).toBe(session);
  expect(session.snapshot.refusals).toMatchObject([{ value: 'refused' }]);
  session.refusals.dismiss();
  lists.leave('list');
  expect(server.socket.open).toBe(false);
});

test('[WEB-38] everything is given up only when the person says so', async () => {
  const { lists, session, type } = await opened();
  lists.goOffline();
  type('typed offline');
  lists.stop('signed_out');
  expect(session.snapshot.unsaved).toMatchObject([{ value: 'typed offline' }]);
  expect(lists.pending.size).toBe(1);
  let told = 0;
  lists.subscribe(() => (told += 1));
  lists.leaveAll();
  expect(lists.pending.size).toBe(0);
  expect(told).toBe(1);
});
