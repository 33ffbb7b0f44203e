import type { Column, Json, ListSchema, Role } from '@rowhouse/sdk';
import { describe, expect, test } from 'vitest';

import { initials } from '../src/cells/face.ts';
import { endingWords } from '../src/list/ending.tsx';
import { whomToAsk } from '../src/list/whom-to-ask.ts';
import { peopleOf } from '../src/shell/avatars.tsx';
import { keptLines, keptTsv } from '../src/shell/kept-edits.ts';
import { saveSentence, saveWord } from '../src/shell/save-words.ts';

const NAMES = { people: new Map(), row: () => 'June Ito', findRow: () => undefined };
const COLUMN: Column = { id: 'col-price-000001', name: 'List price', type: 'currency', position: 'a0', config: { precision: 0 }, required: false, locked: false, options: [] };
const ADDRESS: Column = { ...COLUMN, id: 'col-address-0001', name: 'Address', type: 'text' };
const GONE: Column = { ...COLUMN, id: 'col-gone-0000001', name: 'Key code', type: 'text' };
const OWNERS: Column = { ...COLUMN, id: 'col-owners-00001', name: 'Owners', type: 'link', config: { list: 'list' } };

test.each([
  [{ kind: 'saved' }, 'Saved'],
  [{ kind: 'saving' }, 'Saving…'],
  [{ kind: 'slow', waiting: 2, kept: true }, 'Slow: 2 edits waiting'],
  [{ kind: 'offline', waiting: 3, kept: true }, 'Offline: 3 edits waiting'],
  [{ kind: 'offline', waiting: 0, kept: true }, 'Offline'],
  [{ kind: 'reconnecting', cause: 'lost', until: null, waiting: 0, kept: true }, 'Reconnecting…'],
  [{ kind: 'refused', count: 2 }, '2 edits refused'],
  [{ kind: 'refused', count: 1 }, '1 edit refused'],
  [{ kind: 'view_only' }, 'View only'],
  [{ kind: 'ended', why: 'no_access', waiting: 1, kept: true }, 'No access: 1 edit not saved'],
  [{ kind: 'ended', why: 'too_many_refusals', waiting: 3, kept: true }, 'Paused: 3 edits not saved'],
  [{ kind: 'ended', why: 'other_person', waiting: 0, kept: true }, 'Signed out'],
] as const)('[WEB-18] the top bar says %j as “%s”', (state, word) => {
  expect(saveWord(state)).toBe(word);
});

test.each([
  [{ kind: 'offline', waiting: 1, kept: true }, 'You are offline. 1 edit is kept on this device and saved once you are back. You can go on working.'],
  [{ kind: 'offline', waiting: 0, kept: true }, 'You are offline. You can go on working.'],
  [{ kind: 'reconnecting', cause: 'lost', until: null, waiting: 2, kept: true }, 'Rowhouse does not answer. 2 edits are kept on this device and saved once it is back. You can go on working.'],
  [{ kind: 'reconnecting', cause: 'restarting', until: null, waiting: 0, kept: true }, 'Rowhouse is restarting. You can go on working.'],
  [{ kind: 'reconnecting', cause: 'busy', until: null, waiting: 0, kept: true }, 'Rowhouse is overloaded and has asked to wait a little. You can go on working.'],
  [{ kind: 'slow', waiting: 1, kept: true }, 'Rowhouse is slow to answer. 1 edit is kept on this device meanwhile.'],
  [{ kind: 'saved' }, ''],
] as const)('[WEB-66] %j means “%s”', (state, sentence) => {
  expect(saveSentence(state)).toBe(sentence);
});

test('[WEB-65] a list in quarantine is told as one that could not be opened safely', () => {
  expect(endingWords('quarantined', '', true, 'Ana')).toEqual([
    'This list could not be opened safely',
    'The people who run this server have been told. Try again later; your other lists work.',
  ]);
});

test('[WEB-66] what this device cannot keep is said to be in this page only', () => {
  const sentence = saveSentence({ kind: 'offline', waiting: 2, kept: false });
  expect(sentence).toContain('2 edits are in this page only');
  expect(sentence).toContain('or copy them');
});

test('[WEB-66] the word counts the seconds until the next attempt', () => {
  expect(saveWord({ kind: 'reconnecting', cause: 'lost', until: 0, waiting: 3, kept: true }, 5)).toBe('Reconnecting in 5 s: 3 edits waiting');
});

const SCHEMA: ListSchema = { format: 1, name: 'Properties', primary: ADDRESS.id, columns: [ADDRESS, COLUMN, OWNERS], deleted: [GONE] };
const ROW = 'row-1-0000000000';

describe('[WEB-19] a refused edit says where, why and what was typed', () => {
  const say = (key: string, value: Json | undefined, reason = 'role') =>
    keptLines([{ id: '1', key, reason, value }], { schema: SCHEMA, names: NAMES, rowName: (row) => (row === ROW ? '12 Oak Lane' : null) })[0];

  test('a cell', () => {
    expect(say(`c:${ROW}:${COLUMN.id}`, 999_000)).toEqual({
      id: '1',
      place: '12 Oak Lane · List price',
      reason: 'Your role may read this list but not change it.',
      typed: expect.stringContaining('999'),
      copied: '999000',
      cells: ['12 Oak Lane', 'List price', '999000'],
    });
  });

  test('a link, a cleared cell, a value that is no longer known', () => {
    expect(say(`e:${ROW}:${OWNERS.id}:row-2-0000000000`, true)?.typed).toBe('Add June Ito');
    expect(say(`e:${ROW}:${OWNERS.id}:row-2-0000000000`, false)?.typed).toBe('Remove June Ito');
    expect(say(`c:${ROW}:${COLUMN.id}`, null)?.typed).toBe('(cleared)');
    expect(say(`c:${ROW}:${COLUMN.id}`, undefined)).toMatchObject({ place: '12 Oak Lane · List price', typed: '', copied: '' });
  });

  test('a deleted column by its name, and one that nobody knows', () => {
    expect(say(`c:${ROW}:${GONE.id}`, 'text', 'unknown_column')).toMatchObject({ place: '12 Oak Lane · Key code', copied: 'text', reason: 'The column was deleted.' });
    expect(say(`c:${ROW}:col-none-0000001`, 'text')).toMatchObject({ place: '12 Oak Lane · deleted column', copied: 'text' });
  });

  test('rows, and reasons of a newer server', () => {
    expect(say('r:row-9-0000000000', 'a0')).toMatchObject({ place: 'New row', typed: '' });
    expect(say(`t:${ROW}`, null)?.typed).toBe('Restore');
    expect(say(`t:${ROW}`, null, 'moon_phase')?.reason).toBe('It was not accepted (moon_phase).');
    expect(say('', undefined)).toMatchObject({ place: 'Edit', typed: '' });
  });

  test('[WEB-34] comments, views, columns and settings of the list', () => {
    expect(say('comments/c1', { row: ROW, body: 'too dear' }, 'not_author')).toMatchObject({ place: '12 Oak Lane · Comment', copied: 'too dear', reason: 'Only its author may change this.' });
    expect(say('comments/c1:body', 'cheaper')).toMatchObject({ place: 'Comment', copied: 'cheaper', reason: 'Your role may not change this.' });
    expect(say('views/v1:name', 'Mine')).toMatchObject({ place: 'View', copied: 'Mine' });
    expect(say(`columns/${COLUMN.id}:name`, 'Cost')).toMatchObject({ place: 'Column List price', copied: 'Cost' });
    expect(say('columns/col-new-00000001:config', { precision: 2 })).toMatchObject({ place: 'New column', copied: '{"precision":2}' });
    expect(say('meta/name', 'Homes')).toMatchObject({ place: 'List', copied: 'Homes' });
  });
});

test('[WEB-37] what is copied is rows of a spreadsheet, the newest first, new rows by the name typed into them', () => {
  const made = 'row-9-0000000000';
  const refused = [
    { key: `c:${ROW}:${COLUMN.id}`, value: 5 },
    { key: `r:${made}`, value: 'a0' },
    { key: `c:${made}:${ADDRESS.id}`, value: '1 Quay\tNorth' },
  ].map((edit, index) => ({ ...edit, id: String(index), reason: 'role' }));
  const lines = keptLines(refused, { schema: SCHEMA, names: NAMES, rowName: (row) => (row === ROW ? '12 Oak Lane' : null) });
  expect(keptTsv(lines)).toBe('"1 Quay\tNorth"\tAddress\t"1 Quay\tNorth"\n"1 Quay\tNorth"\t\t\n12 Oak Lane\tList price\t5');
});

test('[WEB-19] an unsaved edit of a row’s name is found under the old name', () => {
  const unsaved = [{ id: '1', key: `c:${ROW}:${ADDRESS.id}`, value: '1 Quay', before: '12 Oak Lane', reason: 'unsaved' }];
  const [line] = keptLines(unsaved, { schema: SCHEMA, names: NAMES, rowName: () => '1 Quay' });
  expect(line).toMatchObject({ place: '12 Oak Lane · Address', typed: '1 Quay', reason: 'It was not saved.' });
});

test('[WEB-39] who can give access is called by name', () => {
  const member = (name: string, role: Role) => ({ user_id: name, name, email: '', hue: 0, role });
  const all = [member('Mia', 'member'), member('Ana', 'owner'), member('Ben', 'editor'), member('Cy', 'admin'), member('Dee', 'admin')];
  expect(whomToAsk(all, 'Ben')).toBe('Ana or Cy');
  expect(whomToAsk(all, 'Ana')).toBe('Cy or Dee');
  expect(whomToAsk([], 'Ben')).toBe('an owner or admin of its workspace');
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
