import { expect, test } from 'vitest';

import { DeviceOutbox } from '../src/index.ts';
import type { Step } from '../src/outbox.ts';
import { newDevice } from './device.ts';
import { IDBKeyRange } from 'fake-indexeddb';

function step(id: number, value = `text ${id}`): Step {
  const trace = { epoch: 1, generation: 1, client: 1_000_000, from: id, to: id + 1, update: new Uint8Array([id]) };
  return { id, changes: [{ key: `c:row-${id}:col`, value, before: null }], trace };
}

function counter(): () => number {
  let count = 100;
  return () => (count += 1);
}

test('[WEB-50] steps come back to the next page in their order, as they were', async () => {
  const { device, kill } = newDevice();
  const page = device.page('ana', 'list', 'page-1');
  await page.write([step(1), step(2)], []);
  await page.write([step(10), step(2, 'other')], [1]);
  kill('page-1');
  const adopted = await device.page('ana', 'list', 'page-2').adopt(counter());
  expect(adopted).toEqual([
    { ...step(2, 'other'), id: 101 },
    { ...step(10), id: 102 },
  ]);
});

test('[WEB-51] nobody else gets a person’s steps, nor another list', async () => {
  const { device, kill } = newDevice();
  await device.page('ana', 'list', 'page-1').write([step(1)], []);
  kill('page-1');
  expect(await device.page('ben', 'list', 'page-2').adopt(counter())).toEqual([]);
  expect(await device.page('ana', 'other', 'page-3').adopt(counter())).toEqual([]);
  expect([await device.count('ana'), await device.count('ben')]).toEqual([1, 0]);
});

test('[WEB-51] what is discarded is gone, and nobody else’s is', async () => {
  const { device, kill } = newDevice();
  await device.page('ana', 'list', 'page-1').write([step(1)], []);
  await device.page('ben', 'list', 'page-2').write([step(1)], []);
  await device.discard('ana');
  kill('page-1');
  expect(await device.page('ana', 'list', 'page-3').adopt(counter())).toEqual([]);
  expect([await device.count('ana'), await device.count('ben')]).toEqual([0, 1]);
});

test('[WEB-52] a page that lives keeps its steps; one that is gone is adopted by one other only', async () => {
  const { device, kill } = newDevice();
  await device.page('ana', 'list', 'page-1').write([step(1), step(2)], []);
  const others = ['page-2', 'page-3', 'page-4'].map((name) => device.page('ana', 'list', name));
  expect(await Promise.all(others.map((page) => page.adopt(counter())))).toEqual([[], [], []]);
  kill('page-1');
  const shares = await Promise.all(others.map((page) => page.adopt(counter())));
  expect(shares.map((share) => share.length).toSorted()).toEqual([0, 0, 2]);
});

test('[WEB-52] a page that is closed leaves its steps to others, those that it adopted too', async () => {
  const { device, kill } = newDevice();
  await device.page('ana', 'list', 'page-1').write([step(1)], []);
  kill('page-1');
  const second = device.page('ana', 'list', 'page-2');
  await second.adopt(counter());
  second.close();
  const third = device.page('ana', 'list', 'page-3');
  await expect.poll(() => third.adopt(counter())).toHaveLength(1);
});

test.each([
  ['a database', new DeviceOutbox(undefined, IDBKeyRange, { request: (_name: string, ...rest: readonly unknown[]) => (rest.at(-1) as (lock: unknown) => never)({}) })],
  ['locks', new DeviceOutbox({} as IDBFactory, IDBKeyRange, undefined)],
])('[WEB-53] without %s writing fails', async (_what, device) => {
  await expect(device.page('ana', 'list', 'page-1').write([step(1)], [])).rejects.toThrow('this browser has no');
});
