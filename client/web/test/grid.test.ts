import { describe, expect, test } from 'vitest';

import { commandOf } from '../src/grid/keys.ts';
import { Movements, nextFadeMs } from '../src/grid/presence-layer.ts';
import { cellsOf, pasteTarget, pastedText } from '../src/grid/ranges.ts';
import { marksKept, oneCell, rectanglesOf, rowsOf, shifted } from '../src/grid/selection.ts';
import { HUES, contrast, optionSwatch, personChipSwatch, personSwatch } from '../src/look/palette.ts';

const PLAIN = { ctrl: false, meta: false, shift: false, alt: false };

describe('keys', () => {
  test.each([
    ['a', PLAIN, { kind: 'edit', initial: 'a' }],
    ['é', PLAIN, { kind: 'edit', initial: 'é' }],
    ['A', { ...PLAIN, shift: true }, { kind: 'edit', initial: 'A' }],
    ['Enter', PLAIN, { kind: 'edit', initial: null }],
    ['F2', PLAIN, { kind: 'edit', initial: null }],
    ['Enter', { ...PLAIN, shift: true }, { kind: 'insert', where: 'below' }],
    ['Enter', { ...PLAIN, shift: true, ctrl: true }, { kind: 'insert', where: 'above' }],
    ['Tab', { ...PLAIN, shift: true }, { kind: 'move', step: -1 }],
    ['z', { ...PLAIN, ctrl: true }, { kind: 'undo' }],
    ['Z', { ...PLAIN, meta: true, shift: true }, { kind: 'redo' }],
    ['y', { ...PLAIN, ctrl: true }, { kind: 'redo' }],
    ['Delete', { ...PLAIN, ctrl: true }, { kind: 'trash' }],
    ['Delete', PLAIN, null],
    [' ', PLAIN, { kind: 'none' }],
    [' ', { ...PLAIN, shift: true }, null],
    ['c', { ...PLAIN, ctrl: true }, null],
    ['ArrowDown', PLAIN, null],
    ['ArrowDown', { ...PLAIN, alt: true }, { kind: 'column-menu' }],
    ['ArrowDown', { ...PLAIN, shift: true }, null],
    ['ArrowDown', { ...PLAIN, shift: true, alt: true }, { kind: 'carry', step: 1 }],
    ['ArrowUp', { ...PLAIN, shift: true, alt: true }, { kind: 'carry', step: -1 }],
  ])('[WEB-23] %s %j means %j', (key, modifiers, command) => {
    expect(commandOf({ key, ...modifiers })).toEqual(command);
  });
});

describe('pasting', () => {
  const one = [['x']];
  const block = [['a', 'b'], ['c', 'd']];

  test('[WEB-24] one value fills the selection', () => {
    const target = pasteTarget({ x: 1, y: 1, width: 2, height: 3 }, one);
    expect(target).toEqual({ x: 1, y: 1, width: 2, height: 3 });
    expect([...cellsOf(target)].map(() => pastedText(one, 0, 0))).toEqual(Array(6).fill('x'));
  });

  test('[WEB-24] a block repeats where it fits a whole number of times, else it goes from the first cell', () => {
    expect(pasteTarget({ x: 0, y: 0, width: 2, height: 4 }, block)).toEqual({ x: 0, y: 0, width: 2, height: 4 });
    expect(pastedText(block, 1, 3)).toBe('d');
    expect(pasteTarget({ x: 5, y: 2, width: 1, height: 3 }, block)).toEqual({ x: 5, y: 2, width: 2, height: 2 });
  });

  test('rows of unequal length leave the missing cells empty', () => {
    expect(pastedText([['a', 'b'], ['c']], 1, 1)).toBe('');
  });
});

describe('selection', () => {
  test('[WEB-25] it moves with its row', () => {
    expect(shifted(oneCell(2, 5), 3).current).toMatchObject({ cell: [2, 8], range: { x: 2, y: 8 } });
  });

  test('[WEB-25] marks stay on their rows, and leave with them', () => {
    const marks = oneCell(0, 0).rows.add([1, 3]);
    expect(marksKept(marks, ['a', 'b', 'c'], ['new', 'c', 'a', 'b']).toArray()).toEqual([1, 3]);
    expect(marksKept(marks, ['a', 'b', 'c'], ['a', 'c']).toArray()).toEqual([1]);
  });

  test('it names its rows and rectangles', () => {
    const selection = oneCell(1, 4);
    expect(rowsOf(selection)).toEqual([4]);
    expect(rectanglesOf(selection, 3, 9)).toEqual([{ x: 1, y: 4, width: 1, height: 1 }]);
    const marked = { ...selection, rows: selection.rows.add([2, 4]) };
    expect(rowsOf(marked)).toEqual([2, 3]);
    expect(rectanglesOf(marked, 3, 9)[0]).toEqual({ x: 0, y: 2, width: 3, height: 1 });
  });
});

describe('presence', () => {
  const guest = { name: 'Ben', hue: 0, column: 0, row: 0 };

  test('[WEB-26] a name tag goes two seconds after the last movement, and stays while editing', () => {
    const movements = new Movements();
    expect(movements.since(1, 'a', 100)).toBe(100);
    expect(movements.since(1, 'a', 900)).toBe(100);
    expect(movements.since(1, 'b', 950)).toBe(950);
    expect(nextFadeMs([{ ...guest, editing: false, movedAt: 100 }], 600)).toBe(1_500);
    expect(nextFadeMs([{ ...guest, editing: true, movedAt: 100 }], 600)).toBeNull();
    expect(nextFadeMs([{ ...guest, editing: false, movedAt: 100 }], 2_100)).toBeNull();
  });
});

describe('palette', () => {
  test.each(['light', 'dark'] as const)('[WEB-27] text on every hue is readable, %s', (mode) => {
    for (const [index, hue] of HUES.entries()) {
      for (const swatch of [optionSwatch(mode, hue, 'id'), personSwatch(mode, index * 30), personChipSwatch(mode, index * 30)]) {
        expect(contrast(swatch.surface, swatch.ink)).toBeGreaterThanOrEqual(4.5);
      }
    }
  });

  test('an option without a colour keeps the one of its id', () => {
    expect(optionSwatch('light', null, 'opt-active-00001')).toEqual(optionSwatch('light', '', 'opt-active-00001'));
  });
});
