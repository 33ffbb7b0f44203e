import { expect, test } from 'vitest';

import { formatTsv, parseTsv } from '../src/cells/tsv.ts';

test.each<[string, string[][]]>([
  ['a', [['a']]],
  ['a\tb\nc\td', [['a', 'b'], ['c', 'd']]],
  ['a\tb\r\nc\td\r\n', [['a', 'b'], ['c', 'd']]],
  ['"two\nlines"\tb', [['two\nlines', 'b']]],
  ['"say ""hi"""\tb\n"a\tb"', [['say "hi"', 'b'], ['a\tb']]],
  ['"quoted" word\tb', [['"quoted" word', 'b']]],
  ['"open\tb', [['"open', 'b']]],
  ['\t\n\t', [['', ''], ['', '']]],
  ['a\n\nb', [['a'], [''], ['b']]],
])('[WEB-24] %j is read as rows and cells', (text, rows) => {
  expect(parseTsv(text)).toEqual(rows);
});

test('[WEB-37] what is written as rows and cells is read as the same', () => {
  const rows = [['a', 'two\nlines', 'tab\there'], ['"quoted" word', '"', ''], ['', '', 'x']];
  expect(parseTsv(formatTsv(rows))).toEqual(rows);
});
