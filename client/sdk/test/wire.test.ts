import { expect, test } from 'vitest';

import { decodeFrame, encodeAwareness, encodeControl, encodeRefused, encodeSyncStep1, encodeSyncStep2, encodeUpdate } from '../src/wire.ts';

const PAYLOAD = new Uint8Array([7, 8, 9]);

test('frames have the bytes of y-protocols version 1', () => {
  expect([...encodeSyncStep1(PAYLOAD)]).toEqual([0, 0, 3, 7, 8, 9]);
  expect([...encodeSyncStep2(PAYLOAD)]).toEqual([0, 1, 3, 7, 8, 9]);
  expect([...encodeUpdate(PAYLOAD)]).toEqual([0, 2, 3, 7, 8, 9]);
  expect([...encodeAwareness(PAYLOAD)]).toEqual([1, 3, 7, 8, 9]);
});

test('what is encoded is decoded', () => {
  expect(decodeFrame(encodeSyncStep1(PAYLOAD))).toEqual({ kind: 'sync-step-1', vector: PAYLOAD });
  expect(decodeFrame(encodeSyncStep2(PAYLOAD))).toEqual({ kind: 'sync-step-2', update: PAYLOAD });
  expect(decodeFrame(encodeUpdate(PAYLOAD))).toEqual({ kind: 'update', update: PAYLOAD });
  expect(decodeFrame(encodeRefused([{ key: 'c:a:b', reason: 'role' }]))).toEqual({ kind: 'refused', refused: [{ key: 'c:a:b', reason: 'role' }] });
  const saved = { type: 'saved', frames: 3, head: 12 } as const;
  expect(decodeFrame(encodeControl(saved))).toEqual({ kind: 'control', control: saved });
});

test('[WEB-15] decoding is total: truncated, foreign and random bytes are unknown frames', () => {
  let seed = 42;
  const random = (below: number): number => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) % below;
  for (let round = 0; round < 20_000; round += 1) {
    const bytes = Uint8Array.from({ length: random(24) }, () => random(256));
    expect(decodeFrame(bytes).kind).toBeTypeOf('string');
  }
  for (const bytes of [[], [0], [0, 0, 9], [2, 0, 1, 123], [100, 2, 123, 125], [99]]) {
    expect(decodeFrame(new Uint8Array(bytes))).toEqual({ kind: 'unknown' });
  }
});
