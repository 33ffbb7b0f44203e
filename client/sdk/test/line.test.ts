import { describe, expect, test } from 'vitest';

import { setCell } from '../src/index.ts';
import { type Cause, retryDelayMs } from '../src/closing.ts';
import { ADDRESS, ROW_1, column, serverDoc } from './lists.ts';
import { FakeServer, sessionOn, settle } from './server.ts';

const MINUTE_MS = 60_000;

async function joined(random: () => number = () => 0.5) {
  const server = new FakeServer(serverDoc({ [ROW_1]: 'a0' }));
  const epochs: (number | null)[] = [];
  const made = sessionOn(server, { random, open: (_ticket, epoch) => (epochs.push(epoch), server.connect()) });
  made.session.connect();
  await settle();
  return { server, epochs, ...made };
}

describe('[WEB-58] how long a client waits', () => {
  const attempts = Array.from({ length: 20 }, (_, attempt) => attempt);

  test.each<[Cause, number, number]>([
    ['lost', 0, 30_000],
    ['restarting', 0, 30_000],
    ['busy', 2_000, 60_000],
  ])('%s: within its bounds, whatever the attempt and the dice', (cause, least, most) => {
    for (const attempt of attempts) {
      for (const random of [0, 0.3, 0.999]) {
        const delay = retryDelayMs(cause, attempt, random);
        expect(delay).toBeGreaterThanOrEqual(least);
        expect(delay).toBeLessThanOrEqual(most);
      }
    }
  });

  test('the bound doubles, and each wait is anything below it', () => {
    expect([0, 1, 2, 3].map((attempt) => retryDelayMs('lost', attempt, 0.5))).toEqual([250, 500, 1_000, 2_000]);
    expect(retryDelayMs('lost', 3, 0)).toBe(0);
    expect(retryDelayMs('lost', 60, 0.5)).toBe(15_000);
  });

  test('a restart brings everybody back within a second, spread; a server that is overloaded is left alone for longer', () => {
    expect([0, 0.5, 0.99].map((random) => retryDelayMs('restarting', 0, random))).toEqual([0, 500, 990]);
    expect(retryDelayMs('busy', 0, 0)).toBeGreaterThan(retryDelayMs('lost', 0, 0.999));
  });
});

test('[WEB-58] after a restart a hundred clients are back within three seconds, not all at once', async () => {
  const moments = new Set<number>();
  for (let client = 0; client < 100; client += 1) {
    const { server, session, timers } = await joined(() => client / 100);
    server.socket.drop(1001);
    const { link } = session.snapshot;
    expect(link).toMatchObject({ kind: 'waiting', cause: 'restarting' });
    moments.add(link.kind === 'waiting' ? (link.until ?? 0) : 0);
    await timers.pass(3_000);
    expect(session.snapshot.link.kind).toBe('live');
    session.close();
  }
  expect(moments.size).toBeGreaterThan(90);
});

test('[WEB-58] closes at once after each welcome do not make a client hurry', async () => {
  const { server, timers } = await joined();
  server.connect = new Proxy(server.connect, {
    apply: (connect, that) => {
      const socket = connect.call(that);
      setImmediate(() => socket.drop(1011));
      return socket;
    },
  });
  server.socket.drop(1011);
  for (let second = 0; second < 60; second += 1) await timers.pass(1_000);
  expect(server.sockets.length).toBeLessThan(12);
});

test('[WEB-58] whatever closes come, a client is live again within its longest wait, and never beyond', async () => {
  const codes = [1000, 1001, 1006, 1011, 1012, 1013, 4401, 4409];
  for (let seed = 1; seed <= 30; seed += 1) {
    let state = seed;
    const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    const { server, session, timers } = await joined(random);
    for (let close = 0; close < 12; close += 1) {
      if (server.socket.open) server.socket.drop(codes[Math.floor(random() * codes.length)] ?? 1006);
      await timers.pass(random() * 3_000);
    }
    await timers.pass(MINUTE_MS);
    expect(session.snapshot.link.kind).toBe('live');
    session.close();
  }
});

test('[WEB-59] the network’s return, a look at the page and the person’s wish end the waiting', async () => {
  for (const wish of ['connect', 'wake'] as const) {
    const { server, session } = await joined();
    server.socket.drop(1013);
    await settle();
    expect(server.sockets).toHaveLength(1);
    session[wish]();
    await settle();
    expect(session.snapshot.link.kind).toBe('live');
  }
});

test('[WEB-59] a look at the page replaces a connection that has been silent for long', async () => {
  const { server, session, timers } = await joined();
  await timers.pass(5_000);
  session.wake();
  expect(server.sockets).toHaveLength(1);
  await timers.pass(20_000);
  session.wake();
  await settle();
  expect(server.sockets).toHaveLength(2);
});

test('[WEB-60] a dead connection is noticed within thirty seconds, a server that never answers within ten', async () => {
  const { server, session, timers } = await joined();
  await timers.pass(29_000);
  expect(server.sockets).toHaveLength(1);
  await timers.pass(1_100);
  expect(server.sockets).toHaveLength(2);
  session.close();
  let asked = 0;
  const { session: other, timers: clock } = sessionOn(server, { ticket: () => ((asked += 1), new Promise(() => undefined)) });
  other.connect();
  await clock.pass(11_000);
  expect(asked).toBe(2);
});

test('[WEB-60] the server’s empty presence message every fifteen seconds keeps a connection', async () => {
  const { server, timers } = await joined();
  for (let beat = 0; beat < 8; beat += 1) {
    await timers.pass(15_000);
    server.socket.deliver(new Uint8Array([1, 1, 0]));
  }
  expect(server.sockets).toHaveLength(1);
});

test('[WEB-61] a short interruption is not told; a longer one is, with its reason and the next attempt', async () => {
  const { server, session, timers } = await joined(() => 0.9);
  const seen = new Set<string>();
  session.subscribe(() => seen.add(session.snapshot.save.kind));
  server.socket.drop(1001);
  await timers.pass(2_000);
  expect(session.snapshot.link.kind).toBe('live');
  expect([...seen]).toEqual(['saved']);
  server.socket.drop(1013);
  const { document } = session.snapshot;
  session.edit(setCell(document, ROW_1, column(document, ADDRESS), '12 Oak Lane'));
  expect(session.snapshot.save).toEqual({ kind: 'saving' });
  await timers.pass(1_600);
  expect(session.snapshot.save).toMatchObject({ kind: 'reconnecting', cause: 'busy', until: expect.any(Number), waiting: 1, kept: true });
  await timers.pass(MINUTE_MS);
  expect(session.snapshot.save).toEqual({ kind: 'saved' });
});

test('[WEB-62] a server that does not acknowledge for five seconds is called slow, until it does', async () => {
  const { server, session, timers } = await joined();
  server.acknowledges = false;
  const { document } = session.snapshot;
  session.edit(setCell(document, ROW_1, column(document, ADDRESS), '12 Oak Lane'));
  await timers.pass(4_900);
  expect(session.snapshot.save).toEqual({ kind: 'saving' });
  await timers.pass(200);
  expect(session.snapshot.save).toEqual({ kind: 'slow', waiting: 1, kept: true });
  server.acknowledge(server.socket);
  expect(session.snapshot.save).toEqual({ kind: 'saved' });
});

test('[WEB-57] a client names the epoch of its copy; what is stale leads to a fresh document, and the view stays', async () => {
  const { server, session, timers, epochs } = await joined();
  server.epoch = 2;
  server.doc = serverDoc({ [ROW_1]: 'a5' });
  server.socket.drop(4409);
  expect(session.snapshot).toMatchObject({ loaded: false, shown: true });
  expect(session.snapshot.document.rows.position(ROW_1)).toBe('a0');
  await timers.pass(1_000);
  expect(session.snapshot.document.rows.position(ROW_1)).toBe('a5');
  server.socket.drop(1006);
  await timers.pass(1_000);
  expect(epochs).toEqual([null, null, 2]);
});
