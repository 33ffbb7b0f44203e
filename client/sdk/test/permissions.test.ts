import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

import { type Action, type Cell, PERMISSIONS, ROLES, allows } from '../src/index.ts';

const CELLS: Readonly<Record<string, Cell>> = {
  '': 'no',
  yes: 'yes',
  own: 'own',
  'at or below the own role': 'below',
  'workspace switch, off by default': 'switch',
  'read only': 'read',
};

test('[WEB-17] the client’s table is the server’s, cell by cell', () => {
  const page = readFileSync(new URL('../../../docs/PERMISSIONS.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `([a-z_.]+)` \|[^|]*\|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|$/gm)];
  const server = rows.map(([, action, ...cells]) => [action, cells.map((cell) => CELLS[cell.trim()])]);
  expect(server).toEqual(Object.entries(PERMISSIONS).map(([action, row]) => [action, ROLES.map((role) => row[role])]));
});

test.each([
  ['member', 'comments.resolve', {}, false],
  ['member', 'comments.resolve', { own: true }, true],
  ['editor', 'comments.resolve', {}, true],
  ['owner', 'comments.edit', {}, false],
  ['member', 'export', {}, false],
  ['member', 'export', { switchedOn: true }, true],
  ['member', 'rows.edit', { own: true, switchedOn: true }, false],
  ['member', 'keys.manage', {}, true],
] as const)('[WEB-17] %s, %s, %o: %s', (role, action, conditions, allowed) => {
  expect(allows(role, action satisfies Action, conditions)).toBe(allowed);
});
