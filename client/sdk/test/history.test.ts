import { expect, test } from 'vitest';

import { type Change, type ListDocument, addRow, setCell } from '../src/index.ts';
import { History, STEPS_MAX } from '../src/history.ts';
import { ADDRESS, OWNERS, ROW_1, ROW_2, column, replica, serverDoc } from './lists.ts';

const MARK = { by: 'user-ana-0000000', at: '2026-01-02T03:04:05.000Z' };

function person(list: ListDocument) {
  const history = new History();
  return {
    history,
    edit: (step: Change[]) => (history.push(step, list), list.write(step)),
    undo: () => list.write(history.undo(list, MARK)),
    redo: () => list.write(history.redo(list, MARK)),
  };
}

test('[WEB-6] undo writes the old value back, redo the new one', () => {
  const list = replica(serverDoc({ [ROW_1]: 'a0' }));
  const ana = person(list);
  const address = column(list, ADDRESS);
  ana.edit(setCell(list, ROW_1, address, 'one'));
  ana.edit(setCell(list, ROW_1, address, 'two'));
  ana.undo();
  expect(list.value(ROW_1, address)).toBe('one');
  ana.undo();
  expect(list.value(ROW_1, address)).toBeNull();
  ana.redo();
  ana.redo();
  expect(list.value(ROW_1, address)).toBe('two');
});

test('[WEB-6] undo leaves alone what a colleague has changed since', () => {
  const list = replica(serverDoc({ [ROW_1]: 'a0' }));
  const [ana, ben] = [person(list), person(list)];
  const address = column(list, ADDRESS);
  ana.edit(setCell(list, ROW_1, address, 'Ana'));
  ben.edit(setCell(list, ROW_1, address, 'Ben'));
  ana.undo();
  expect(list.value(ROW_1, address)).toBe('Ben');
});

test('[WEB-6] undoing links takes back the own elements only', () => {
  const list = replica(serverDoc({ [ROW_1]: 'a0' }));
  const [ana, ben] = [person(list), person(list)];
  const owners = column(list, OWNERS);
  ana.edit(setCell(list, ROW_1, owners, ['own-a']));
  ben.edit(setCell(list, ROW_1, owners, ['own-a', 'own-b']));
  ana.undo();
  expect(list.elements(ROW_1, OWNERS)).toEqual(['own-b']);
});

test('[WEB-7] undoing a new row trashes it whole, redo restores it with its cells', () => {
  const list = replica(serverDoc({ [ROW_1]: 'a0' }));
  const ana = person(list);
  ana.edit([...addRow(ROW_2, 'a1'), { key: `c:${ROW_2}:${ADDRESS}`, value: '1 Elm Road', before: null }]);
  ana.undo();
  expect(list.rows.ids).toEqual([ROW_1]);
  expect(list.has(ROW_2)).toBe(true);
  ana.redo();
  expect(list.rows.ids).toEqual([ROW_1, ROW_2]);
  expect(list.value(ROW_2, column(list, ADDRESS))).toBe('1 Elm Road');
});

test('a new step empties the redo stack, and the oldest steps are forgotten', () => {
  const list = replica(serverDoc({ [ROW_1]: 'a0' }));
  const ana = person(list);
  for (let index = 0; index <= STEPS_MAX; index += 1) ana.edit(setCell(list, ROW_1, column(list, ADDRESS), `${index}`));
  ana.undo();
  ana.edit(setCell(list, ROW_1, column(list, ADDRESS), 'new'));
  expect(ana.history.canRedo).toBe(false);
  for (let index = 0; index < STEPS_MAX; index += 1) ana.undo();
  expect(ana.history.canUndo).toBe(false);
  expect(list.value(ROW_1, column(list, ADDRESS))).toBe('0');
});
