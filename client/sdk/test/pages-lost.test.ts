/** Random days on which pages crash: no text is lost, none is applied twice, none comes over something newer. */

import * as Y from 'yjs';
import { expect, test } from 'vitest';

import { type Session, setCell } from '../src/index.ts';
import { newDevice, settleDevice } from './device.ts';
import { encodeUpdate } from '../src/wire.ts';
import { ADDRESS, ROW_1, ROW_2, column, serverDoc } from './lists.ts';
import { FakeServer, type Timers, seeded, sessionOn, settle } from './server.ts';

const DAYS = 60;
const STEPS = 30;
const CLOSES = [1001, 1006, 1011, 1013];
const ROWS = [ROW_1, ROW_2];
const HOUR_MS = 3_600_000;

interface Page {
  readonly name: string;
  readonly session: Session;
  readonly timers: Timers;
}

/** Counts how often each text has come into a cell of the list. */
function watch(server: FakeServer): Map<unknown, number> {
  const arrivals = new Map<unknown, number>();
  const shown = new Map<string, unknown>();
  const generation = server.doc.getMap('overlays').get('1') as Y.Map<unknown>;
  generation.observe(({ keysChanged }) => {
    for (const key of keysChanged) {
      const text = generation.get(key);
      if (text !== shown.get(key)) arrivals.set(text, (arrivals.get(text) ?? 0) + 1);
      shown.set(key, text);
    }
  });
  return arrivals;
}

async function day(seed: number): Promise<void> {
  const random = seeded(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const server = new FakeServer(serverDoc(Object.fromEntries(ROWS.map((row, index) => [row, `a${index}`]))));
  const generation = server.doc.getMap('overlays').get('1') as Y.Map<unknown>;
  const arrivals = watch(server);
  const { device, kill } = newDevice();
  /** By cell, the last text: an older one may be overtaken by it before it goes up. */
  const typed = new Map<string, string>();
  const told = new Set<unknown>();
  let [pages, texts] = [0, 0];
  const open = (): Page => {
    const name = `page-${(pages += 1)}`;
    const made = sessionOn(server, { random, store: device.page('ana', 'list', name) });
    made.session.connect();
    return { name, ...made };
  };
  let page = open();
  const type = (): void => {
    const { loaded, document } = page.session.snapshot;
    if (!loaded) return;
    const [row, text] = [pick(ROWS), `text ${(texts += 1)}`];
    typed.set(row, text);
    page.session.edit(setCell(document, row, column(document, ADDRESS), text));
  };
  const crash = async (): Promise<void> => {
    await settleDevice();
    for (const { value } of page.session.snapshot.refusals) told.add(value);
    server.sockets.at(-1)?.close();
    kill(page.name);
    page = open();
    await settleDevice();
  };
  const deeds: readonly (() => unknown)[] = [
    type, type, type,
    () => server.sockets.at(-1)?.open && server.socket.drop(pick(CLOSES)),
    () => (server.acknowledges = random() < 0.6),
    () => {
      const vector = Y.encodeStateVector(server.doc);
      generation.set(`c:${pick(ROWS)}:${ADDRESS}`, `colleague ${(texts += 1)}`);
      server.sockets.at(-1)?.deliver(encodeUpdate(Y.encodeStateAsUpdate(server.doc, vector)));
    },
    () => page.session.goOffline(),
    () => page.session.connect(),
    () => page.timers.pass(random() * 3_000),
    crash,
  ];
  for (let step = 0; step < STEPS; step += 1) {
    await pick(deeds)();
    await settle();
  }
  await crash();
  server.acknowledges = true;
  await settleDevice();
  page.session.goOffline();
  page.session.connect();
  await settleDevice();
  await page.timers.pass(HOUR_MS / 60);
  await settleDevice();
  const { refusals, pending, save } = page.session.snapshot;
  for (const { value } of refusals) told.add(value);
  expect({ pending: pending - refusals.length, kept: await device.count('ana') }).toEqual({ pending: 0, kept: 0 });
  expect(['saved', 'refused']).toContain(save.kind);
  expect([...arrivals].filter(([, count]) => count > 1)).toEqual([]);
  expect([...typed.values()].filter((text) => !arrivals.has(text) && !told.has(text))).toEqual([]);
  page.session.close();
}

test(`[WEB-50] [WEB-54] [WEB-55] in ${DAYS} random days with crashed pages no text is lost or comes twice`, async () => {
  for (let seed = 1; seed <= DAYS; seed += 1) {
    await day(seed).catch((error: unknown) => {
      throw new Error(`day ${seed}`, { cause: error });
    });
  }
}, 60_000);
