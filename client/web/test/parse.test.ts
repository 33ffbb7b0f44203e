import type { Column, ColumnType, Json } from '@rowhouse/sdk';
import { describe, expect, test } from 'vitest';

import { displayText, editText } from '../src/cells/format.ts';
import type { Names } from '../src/cells/names.ts';
import { parseDate, parseNumber, parseText } from '../src/cells/parse.ts';

const ANA = { id: 'user-ana-0000000', name: 'Ana Almeida', hue: 200 };
const ROWS = new Map([['row-ito-00000000', 'June Ito'], ['row-berg-0000000', 'Berg, Karl']]);
const NAMES: Names = {
  people: new Map([[ANA.id, ANA]]),
  row: (_, row) => ROWS.get(row) ?? null,
  findRow: (_, name) => [...ROWS].find(([, known]) => known.toLowerCase() === name)?.[0],
};
const READING = { names: NAMES, locale: 'en-US', today: '2026-11-23' };

function column(type: ColumnType, config: Column['config'] = {}): Column {
  const options = [
    { id: 'opt-active-00001', label: 'Active', colour: 'green', position: 'a0' },
    { id: 'opt-sold-0000001', label: 'Sold', colour: 'red', position: 'a1' },
  ];
  return { id: 'col-0000000001', name: 'Column', type, position: 'a0', config, required: false, locked: false, options };
}

function value(type: ColumnType, text: string, config: Column['config'] = {}): Json | string {
  const parsed = parseText(column(type, config), text, READING);
  return parsed.kind === 'value' ? parsed.value : `! ${parsed.sentence}`;
}

describe('typed text', () => {
  test.each([
    ['1,234,567.5', 'en-US', 1_234_567.5],
    ['1.234.567,5', 'de-DE', 1_234_567.5],
    ['1.234', 'de-DE', 1_234],
    ['1.5', 'de-DE', 1.5],
    ['−12', 'en-US', -12],
    ['(12)', 'en-US', -12],
    ['.5', 'en-US', 0.5],
    ['1e3', 'en-US', 1_000],
    ['12,34,567', 'en-IN', 1_234_567],
    ['1.234,50', 'en-US', null],
    ['1,234.50', 'de-DE', null],
    ['1,23', 'en-US', null],
    ['0,5', 'de-DE', 0.5],
    ['twelve', 'en-US', null],
    ['1-2', 'en-US', null],
  ])('[WEB-20] the number %s in %s is %s', (text, locale, expected) => {
    expect(parseNumber(text, locale)).toBe(expected);
  });

  test.each([
    ['2026-03-31', 'en-US', '2026-03-31'],
    ['3/31/2026', 'en-US', '2026-03-31'],
    ['31.3.2026', 'de-DE', '2026-03-31'],
    ['3/31', 'en-US', '2026-03-31'],
    ['31.3.26', 'de-DE', '2026-03-31'],
    ['Today', 'en-US', '2026-11-23'],
    ['tomorrow', 'en-US', '2026-11-24'],
    ['31 March 2026', 'en-US', '2026-03-31'],
    ['soon-ish', 'en-US', null],
  ])('[WEB-20] the date %s in %s is %s', (text, locale, expected) => {
    expect(parseDate(text, '2026-11-23', locale)).toBe(expected);
  });

  test('[WEB-20] every type reads what people type', () => {
    expect(value('currency', '$1,234,500')).toBe(1_234_500);
    expect(value('currency', '€1,234.50', { currency: 'EUR' })).toBe(1_234.5);
    expect(value('percent', '2.5%')).toBe(0.025);
    expect(value('percent', '7')).toBe(0.07);
    expect(value('checkbox', 'Yes')).toBe(true);
    expect(value('select', 'sold')).toBe('opt-sold-0000001');
    expect(value('multi_select', 'Active, sold')).toEqual(['opt-active-00001', 'opt-sold-0000001']);
    expect(value('user', 'ana almeida')).toBe(ANA.id);
    expect(value('link', 'Berg, Karl')).toEqual(['row-berg-0000000']);
    expect(value('phone', '+1 (202) 555-0143')).toBe('+12025550143');
    expect(value('phone', '555-0143')).toBe('555-0143');
    expect(value('url', 'example.com/a')).toBe('https://example.com/a');
    expect(value('email', ' j.ito@example.com ')).toBe('j.ito@example.com');
    expect(value('text', '  ')).toBeNull();
  });

  test('[WEB-21] what does not fit gives a sentence, never another value', () => {
    expect(value('number', 'abc')).toBe('! “abc” is no number.');
    expect(value('date', '2026-02-30')).toBe('! This is no date. Try 2026-03-31 or “today”.');
    expect(value('select', 'Withdrawn')).toBe('! There is no “Withdrawn” to choose here.');
    expect(value('url', 'javascript:alert(1)')).toMatch(/^! This is no web address/);
    expect(value('formula', '1')).toMatch(/^! This column is computed/);
    expect(value('number', '9007199254740993')).toMatch(/^! This number is too large/);
  });
});

describe('shown text', () => {
  test('values read by type and locale', () => {
    expect(displayText(column('currency', { currency: 'USD', precision: 0 }), 420_000, NAMES, 'en-US')).toBe('$420,000');
    expect(displayText(column('percent'), 0.025, NAMES, 'en-US')).toBe('2.5%');
    expect(displayText(column('date'), '2026-03-31', NAMES, 'en-US')).toBe('Mar 31, 2026');
    expect(displayText(column('duration'), 3_725, NAMES, 'en-US')).toBe('1:02:05');
    expect(displayText(column('link', { list: 'list' }), ['row-ito-00000000', 'row-gone-0000000'], NAMES)).toBe('June Ito, (row not found)');
    expect(displayText(column('user'), 'user-eve-0000000', NAMES)).toBe('(former member)');
    const tags = column('multi_select');
    const inOrder = displayText(tags, tags.options.map(({ id }) => id), NAMES);
    expect(displayText(tags, tags.options.map(({ id }) => id).toReversed(), NAMES)).toBe(inOrder);
    expect(displayText(column('text'), null, NAMES)).toBe('');
  });

  test.each<[ColumnType, Json]>([
    ['number', 1_234.5678901],
    ['currency', -0.01],
    ['percent', 0.07],
    ['percent', 0.333333333],
    ['date', '2026-03-31'],
    ['checkbox', true],
    ['select', 'opt-sold-0000001'],
    ['multi_select', ['opt-active-00001', 'opt-sold-0000001']],
    ['email', 'j.ito@example.com'],
  ])('[WEB-22] a copied %s pastes as the same value: %j', (type, held) => {
    expect(value(type, editText(column(type), held, NAMES))).toEqual(held);
  });
});
