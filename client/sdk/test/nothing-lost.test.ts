/** Random days of a session: whatever happens, what was typed last in a cell is in the list or kept with its reason. */

import * as Y from 'yjs';
import { expect, test } from 'vitest';

import { setCell } from '../src/index.ts';
import { encodeControl } from '../src/wire.ts';
import { ADDRESS, ROW_1, ROW_2, ROW_3, column, serverDoc } from './lists.ts';
import { FakeServer, seeded, sessionOn, settle } from './server.ts';

const DAYS = 100;
const STEPS = 40;
const CLOSES = [1001, 1006, 1013, 4400, 4401, 4403, 4404, 4409, 4423, 4429];
const ROWS = [ROW_1, ROW_2, ROW_3];
const HOUR_MS = 3_600_000;

async function day(seed: number): Promise<void> {
  const random = seeded(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const server = new FakeServer(serverDoc(Object.fromEntries(ROWS.map((row, index) => [row, `a${index}`]))));
  const { session, timers } = sessionOn(server, { random });
  const typed = new Map<string, string>();
  let count = 0;
  const type = (): void => {
    if (!session.snapshot.loaded) return;
    const [row, text] = [pick(ROWS), `text ${(count += 1)}`];
    typed.set(`c:${row}:${ADDRESS}`, text);
    const { document } = session.snapshot;
    session.edit(setCell(document, row, column(document, ADDRESS), text));
  };
  const rebuild = (): void => {
    const copy = new Y.Doc();
    Y.applyUpdate(copy, Y.encodeStateAsUpdate(server.doc));
    [server.doc, server.epoch] = [copy, server.epoch + 1];
    server.sockets.at(-1)?.drop(4409);
  };
  const deeds: readonly (() => unknown)[] = [
    type, type, type, type,
    () => server.sockets.at(-1)?.open && server.socket.drop(pick(CLOSES)),
    () => (server.rule = random() < 0.5 ? () => 'locked_column' : () => null),
    () => (server.unsound = random() < 0.3),
    () => (server.acknowledges = random() < 0.7),
    () => server.sockets.at(-1)?.deliver(encodeControl({ type: 'role', role: pick(['editor', 'member'] as const) })),
    rebuild,
    () => session.goOffline(),
    () => session.connect(),
    () => session.restart(),
    () => session.stop('signed_out'),
    () => timers.pass(random() * 5_000),
  ];
  session.connect();
  await settle();
  for (let step = 0; step < STEPS; step += 1) await pick(deeds)();
  Object.assign(server, { rule: () => null, unsound: false, acknowledges: true });
  session.goOffline();
  session.restart();
  session.connect();
  await timers.pass(HOUR_MS);
  const { refusals, save } = session.snapshot;
  expect(['saved', 'refused', 'view_only']).toContain(save.kind);
  const generation = server.doc.getMap('overlays').get('1') as Y.Map<unknown>;
  const lost = [...typed].filter(([key, text]) => generation.get(key) !== text && !refusals.some((kept) => kept.key === key && kept.value === text));
  expect(lost).toEqual([]);
  session.close();
}

test(`[WEB-31] [WEB-34] in ${DAYS} random days no text is lost`, async () => {
  for (let seed = 1; seed <= DAYS; seed += 1) {
    await day(seed).catch((error: unknown) => {
      throw new Error(`day ${seed}`, { cause: error });
    });
  }
}, 60_000);
