import { expect, test } from 'vitest';

import { type Column, type ColumnType, type Json, checkValue } from '../src/index.ts';

function judge(type: ColumnType, value: Json) {
  const options: Column['options'] = [{ id: 'opt-active-00001', label: 'Active', colour: 0, position: 'a0' }];
  return checkValue({ type, options }, value, new Set(['user-ana-0000000']));
}

const GOOD: readonly [ColumnType, Json][] = [
  ['text', 'Grüße 🏠'], ['long_text', 'two\nlines'], ['number', -0.5], ['currency', 420_000], ['percent', 0.25], ['checkbox', false],
  ['date', '2024-02-29'], ['datetime', '2026-01-02T03:04:05.678Z'], ['select', 'opt-active-00001'], ['multi_select', ['opt-active-00001']],
  ['email', 'j.ito@example.com'], ['phone', '+12025550143'], ['url', 'https://example.com/a?b=c'], ['user', 'user-ana-0000000'],
  ['link', ['row-1-0000000000']], ['address', { line1: '12 Oak Lane', city: 'Harbour', region: 'WA', postcode: '98101', country: 'US', lat: 47.6 }], ['rating', 4], ['text', null],
];

const BAD: readonly [ColumnType, Json, string][] = [
  ['text', 5, 'wrong_type'], ['text', 'a\0b', 'bad_text'], ['text', '\ud800', 'bad_text'], ['text', 'x'.repeat(10_001), 'too_long'],
  ['number', '5', 'wrong_type'], ['number', 2 ** 53, 'not_finite'], ['number', Number.NaN, 'not_finite'], ['checkbox', 1, 'wrong_type'],
  ['date', '2023-02-29', 'not_a_date'], ['date', '2023-2-9', 'not_a_date'], ['datetime', '2026-01-02T25:04:05Z', 'not_a_date'],
  ['select', 'opt-unknown-0001', 'unknown_option'], ['multi_select', 'opt-active-00001', 'wrong_type'], ['email', 'nobody', 'bad_email'],
  ['url', 'javascript:alert(1)', 'bad_url'], ['url', 'example', 'bad_url'], ['user', 'user-eve-0000000', 'unknown_member'],
  ['link', ['short'], 'wrong_type'], ['address', { street: 'x' }, 'bad_address'], ['phone', 'call me', 'bad_phone'], ['rating', 6, 'bad_rating'], ['url', 'https://a b', 'bad_url'], ['formula', 1, 'computed'], ['created_at', null, 'computed'],
];

test.each(GOOD)('[WEB-16] %s takes %j', (type, value) => {
  expect(judge(type, value)).toBeNull();
});

test.each(BAD)('[WEB-16] %s refuses %j: %s', (type, value, problem) => {
  expect(judge(type, value)).toBe(problem);
});

test('a text of 10,000 characters outside the basic plane is not too long', () => {
  expect(judge('text', '🏠'.repeat(10_000))).toBeNull();
  expect(judge('text', '🏠'.repeat(10_001))).toBe('too_long');
});
