import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

test('[WEB-30] the lock file names no address, so that any registry can serve it', () => {
  const lock = readFileSync(`${process.cwd()}/package-lock.json`, 'utf8');
  expect(lock.match(/[a-z]+:\/\/[^"]*/g) ?? []).toEqual([]);
});
