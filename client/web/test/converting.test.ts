import { expect, test } from 'vitest';

import { Problem } from '../src/api/http.ts';
import { CHANGED, convertedWords, convertible, deedWords, forecastWords, lossWords, markOf, optionWords, troubleWords, undoneWords } from '../src/converting/words.ts';

const column = { id: 'column-2', name: 'Rent', type: 'number' } as const;
const back = { id: 'column-1', name: 'Rent', type: 'text' } as const;
const nameOf = (row: string) => (row === 'row-gone' ? null : `Name of ${row}`);

test('[WEB-83] columns that are computed or hold files have no other type', () => {
  expect((['text', 'link', 'address', 'attachment', 'formula', 'created_at'] as const).filter((type) => convertible({ type }))).toEqual(['text', 'link', 'address']);
});

test('[WEB-84] a preview says how many values convert, and what becomes of the others', () => {
  expect(forecastWords({ filled: 0, converted: 0, lost: 0 })).toBe('The column is empty: there is nothing to convert.');
  expect(forecastWords({ filled: 1, converted: 1, lost: 0 })).toBe('Its one value converts.');
  expect(forecastWords({ filled: 1200, converted: 1200, lost: 0 })).toBe('All 1,200 values convert.');
  expect(forecastWords({ filled: 1200, converted: 1197, lost: 3 })).toBe('1,197 of 1,200 values convert; 3 do not.');
  expect(forecastWords({ filled: 2, converted: 1, lost: 1 })).toBe('1 of 2 values converts; 1 does not.');
  expect(lossWords({ lost: 0 })).toBe('');
  expect(lossWords({ lost: 1 })).toMatch(/^Its cell will be empty\. The report keeps it,/);
  expect(lossWords({ lost: 2 })).toMatch(/^Their cells will be empty\. The report keeps them all,/);
});

test('[WEB-84] the button names the number of cells that it empties', () => {
  expect([0, 1, 3000].map(deedWords)).toEqual(['Convert', 'Convert and empty 1 cell', 'Convert and empty 3,000 cells']);
});

test('[WEB-84] the options that would be made are named, the first of many', () => {
  expect(optionWords([])).toBe('');
  expect(optionWords(['Sold'])).toBe('Makes 1 option: Sold.');
  const many = Array.from({ length: 1000 }, (_, number) => `${number}`);
  expect(optionWords(many)).toBe('Makes 1,000 options: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, and 988 more.');
});

test('[WEB-85] what a conversion has done is told, with what it emptied', () => {
  expect(convertedWords({ column, filled: 5, converted: 2, lost: 3 })).toEqual({
    title: 'Rent: now Number',
    description: '2 values converted. 3 values did not convert: their cells are empty. The column’s menu has “Undo”, too.',
  });
  expect(convertedWords({ column, filled: 2, converted: 2, lost: 0 }).description).toBe('2 values converted. The column’s menu has “Undo”, too.');
});

test('[WEB-85] a column says whether it came from a conversion, and whether something was lost; total for any configuration', () => {
  expect(markOf({ config: { converted: { from: 'column-1', filled: 5, lost: 3 } } })).toEqual({ lost: 3 });
  expect(markOf({ config: { converted: {} } })).toEqual({ lost: 0 });
  for (const converted of [null, 'much', 1, ['a']]) expect(markOf({ config: { converted } })).toBeNull();
  expect(markOf({ config: {} })).toBeNull();
});

test('[WEB-85] undoing tells what was edited and imported since, by the names of the rows', () => {
  expect(undoneWords({ column: back, edited_since: 0, imported_since: 0, samples: [] }, nameOf)).toEqual({ title: 'Rent: Text again', description: 'It shows every value that it held.' });
  const samples = [{ row: 'row-1', value: '5' }, { row: 'row-gone', value: '' }];
  expect(undoneWords({ column: back, edited_since: 2, imported_since: 0, samples }, nameOf).description).toBe(
    'It shows every value that it held. 2 rows had been edited since; what they held then: Name of row-1: 5; a row that is gone: (empty).',
  );
  expect(undoneWords({ column: back, edited_since: 20, imported_since: 10, samples }, nameOf).description).toMatch(/20 rows had been edited, and 10 rows had been imported since; .*; and 28 more\.$/);
  expect(undoneWords({ column: back, edited_since: 0, imported_since: 2, samples }, nameOf).description).toMatch(/^It shows every value that it held\. 2 rows had been imported since; /);
});

test('[WEB-86] what went wrong is told in words', () => {
  expect(troubleWords(new Problem(404, 'not_found', 'There is no such column.'))).toBe(CHANGED);
  expect(troubleWords(new Problem(503, 'busy', 'The column is being converted just now.'))).toBe('The column is being converted just now.');
  expect(troubleWords(new TypeError('Failed to fetch'))).toMatch(/^No answer came\..*goes on from where it stands\.$/);
});
