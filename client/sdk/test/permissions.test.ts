import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

import { PERMISSIONS, ROLES } from '../src/index.ts';

const SETS: Readonly<Record<string, readonly string[]>> = {
  _OWNER: ['owner'],
  _ADMINS: ['owner', 'admin'],
  _EDITORS: ['owner', 'admin', 'editor'],
  _EVERYONE: ROLES,
};

test('[WEB-17] every action the client shows or hides has the roles of the server’s table', () => {
  const source = readFileSync(new URL('../../../auth/permissions.py', import.meta.url), 'utf8');
  const names = new Map([...source.matchAll(/^ {4}([A-Z_]+) = "([a-z_.]+)"$/gm)].map(([, name, action]) => [action, name]));
  const sets = new Map([...source.matchAll(/Action\.([A-Z_]+): (_[A-Z]+),/g)].map(([, name, set]) => [name, set]));
  for (const [action, roles] of Object.entries(PERMISSIONS)) {
    expect([action, [...roles]]).toEqual([action, SETS[sets.get(names.get(action)) ?? '']]);
  }
});
