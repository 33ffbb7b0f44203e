import type { Column } from '@rowhouse/sdk';
import { describe, expect, test } from 'vitest';

import { initials } from '../src/cells/face.ts';
import { peopleOf } from '../src/shell/avatars.tsx';
import { refusedLine } from '../src/shell/refused-list.tsx';
import { saveWord } from '../src/shell/save-word.tsx';

const NAMES = { people: new Map(), row: () => 'June Ito', findRow: () => undefined };
const COLUMN: Column = { id: 'col-price-000001', name: 'List price', type: 'currency', position: 'a0', config: { precision: 0 }, required: false, locked: false, options: [] };
const OWNERS: Column = { ...COLUMN, id: 'col-owners-00001', name: 'Owners', type: 'link', config: { list: 'list' } };

test.each([
  [{ kind: 'saved' }, 'Saved'],
  [{ kind: 'saving' }, 'Saving…'],
  [{ kind: 'offline', waiting: 3 }, 'Offline: 3 edits waiting'],
  [{ kind: 'offline', waiting: 0 }, 'Offline'],
  [{ kind: 'reconnecting' }, 'Reconnecting…'],
  [{ kind: 'refused', count: 2 }, '2 edits refused'],
  [{ kind: 'refused', count: 1 }, '1 edit refused'],
  [{ kind: 'view_only' }, 'View only'],
  [{ kind: 'ended', why: 'no_access', waiting: 1 }, 'No access: 1 edit not saved'],
] as const)('[WEB-18] the top bar says %j as “%s”', (state, word) => {
  expect(saveWord(state)).toBe(word);
});

describe('[WEB-19] a refused edit says where, why and what was typed', () => {
  const say = (key: string, value: string | number | boolean | null | undefined, reason = 'role') =>
    refusedLine({ key, reason, value }, [COLUMN, OWNERS], NAMES, () => '12 Oak Lane');

  test('a cell', () => {
    expect(say(`c:row-1-0000000000:${COLUMN.id}`, 999_000)).toEqual({
      place: '12 Oak Lane · List price',
      reason: 'Your role may read this list but not change it.',
      typed: expect.stringContaining('999'),
      copied: '999000',
    });
  });

  test('a link, a cleared cell, a value that is no longer known, a column that is gone', () => {
    expect(say(`e:row-1-0000000000:${OWNERS.id}:row-2-0000000000`, true).typed).toBe('Add June Ito');
    expect(say(`e:row-1-0000000000:${OWNERS.id}:row-2-0000000000`, false).typed).toBe('Remove June Ito');
    expect(say(`c:row-1-0000000000:${COLUMN.id}`, null).typed).toBe('(cleared)');
    expect(say(`c:row-1-0000000000:${COLUMN.id}`, undefined)).toMatchObject({ typed: '', copied: '' });
    expect(say('c:row-1-0000000000:col-gone-0000001', 'text')).toMatchObject({ place: '12 Oak Lane · deleted column', copied: 'text' });
  });

  test('rows, and reasons of a newer server', () => {
    expect(say('r:row-1-0000000000', 'a0').place).toBe('New row');
    expect(say('t:row-1-0000000000', null).typed).toBe('Restore');
    expect(say('t:row-1-0000000000', null, 'moon_phase').reason).toBe('It was not accepted (moon_phase).');
  });
});

test('[WEB-26] one avatar per person, however many windows they have', () => {
  const ben = { id: 'ben', name: 'Ben Okafor', hue: 0 };
  const cursor = { row: 'r', column: 'c', editing: true };
  const people = peopleOf({ id: 'ana', name: 'Ana', hue: 1 }, [
    { client: 1, user: ben, cursor },
    { client: 2, user: ben, cursor: null },
    { client: 3, user: { id: 'ana', name: 'Ana', hue: 1 }, cursor: null },
  ]);
  expect(people.map(({ user, editing }) => [user.id, editing])).toEqual([['ana', false], ['ben', true]]);
  expect(['Ana Almeida', 'Ben', '  ', 'Maria del Carmen Ruiz'].map(initials)).toEqual(['AA', 'B', '?', 'MR']);
});
