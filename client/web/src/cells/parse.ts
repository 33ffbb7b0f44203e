/** What a typed or pasted text means in a column. Pure; the locale and today's date come in as arguments. */

import { type Column, type Json, type Problem, checkValue, isComputed } from '@rowhouse/sdk';

import { currencyOf } from './format.ts';
import type { Names } from './names.ts';

export type Parsed = { readonly kind: 'value'; readonly value: Json } | { readonly kind: 'problem'; readonly sentence: string };

export interface Reading {
  readonly names: Names;
  readonly locale?: string | undefined;
  /** Today where the person is, `YYYY-MM-DD`. */
  readonly today: string;
}

const SENTENCES: Readonly<Record<Problem, string>> = {
  computed: 'This column is computed and cannot be edited.',
  wrong_type: 'This does not fit the column.',
  too_long: 'This text is too long for a cell.',
  bad_text: 'This text holds a character that cannot be stored.',
  not_finite: 'This number is too large to be stored exactly.',
  not_a_date: 'This is no date. Try 2026-03-31 or “today”.',
  unknown_option: 'The column has no such option.',
  unknown_member: 'This person is no member of the workspace.',
  bad_email: 'This is no e-mail address. It needs a name, an @ and a domain.',
  bad_phone: 'This is no phone number.',
  bad_rating: 'This rating is outside of the column’s scale.',
  bad_address: 'An address needs street, city, region, postcode and country.',
  bad_url: 'This is no web address. Start with https:// or a domain name.',
};

const problem = (sentence: string): Parsed => ({ kind: 'problem', sentence });
const YES = new Set(['true', 'yes', 'y', '1', 'x', '✓', 'on', 'checked']);
const NO = new Set(['false', 'no', 'n', '0', 'off', 'unchecked']);
const ISO_DATE = /^\d{4}-\d{2}-\d{2}$/;
const DAY_MS = 86_400_000;

/**
 * Reads a number as people write it in a locale: grouped, with a currency sign. `null` when it is none.
 *
 * Groups must stand where groups stand: `1.234,50` in a locale that writes `1,234.50` is refused, not misread.
 */
export function parseNumber(text: string, locale?: string, currency?: string): number | null {
  const parts = new Intl.NumberFormat(locale, { useGrouping: true }).formatToParts(-12_345.6);
  const mark = (type: string, fallback: string): string => parts.find((part) => part.type === type)?.value ?? fallback;
  const [group, decimal] = [mark('group', ','), mark('decimal', '.')];
  let plain = text.trim().replace(/^\((.*)\)$/, '-$1').replaceAll('−', '-');
  if (currency) {
    for (const display of ['symbol', 'narrowSymbol', 'code'] as const) {
      const sign = new Intl.NumberFormat(locale, { style: 'currency', currency, currencyDisplay: display }).formatToParts(1);
      plain = plain.replace(sign.find((part) => part.type === 'currency')?.value ?? currency, '');
    }
  }
  plain = plain.replaceAll(/[\s_'’]/g, '');
  const grouped = new RegExp(`^[-+]?\\d{1,3}(\\${group}\\d{2,3})*\\${group}\\d{3}(\\${decimal}\\d+)?$`);
  if (/^\S$/.test(group) && grouped.test(plain)) return Number(plain.replaceAll(group, '').replace(decimal, '.'));
  if (decimal !== '.' && plain.includes(decimal)) plain = plain.includes('.') ? '' : plain.replace(decimal, '.');
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(plain) ? Number(plain) : null;
}

function isoDate(year: number, month: number, day: number): string {
  const full = year < 100 ? 2000 + year : year;
  return `${String(full).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

function shifted(today: string, days: number): string {
  return new Date(Date.parse(`${today}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** Reads a date: ISO 8601, the locale's order of numbers, “today”, “tomorrow”, “yesterday”. `null` when it is none. */
export function parseDate(text: string, today: string, locale?: string): string | null {
  const word = text.trim().toLowerCase();
  if (ISO_DATE.test(word)) return word;
  const days = { today: 0, tomorrow: 1, yesterday: -1 }[word];
  if (days !== undefined) return shifted(today, days);
  const numbers = /^(\d{1,4})[./\s-]+(\d{1,2})(?:[./\s-]+(\d{1,4}))?$/.exec(word);
  if (numbers) {
    const given = numbers.slice(1).filter((part) => part !== undefined).map(Number);
    const order = new Intl.DateTimeFormat(locale).formatToParts(0).map((part) => part.type).filter((type) => type !== 'literal');
    const named = new Map(order.filter((type) => given.length === 3 || type !== 'year').map((type, index) => [type, given[index] ?? 0]));
    return isoDate(named.get('year') ?? Number(today.slice(0, 4)), named.get('month') ?? 0, named.get('day') ?? 0);
  }
  const written = /[a-z]{3}/.test(word) ? new Date(`${text.trim()} UTC`) : null;
  return written && !Number.isNaN(written.getTime()) ? written.toISOString().slice(0, 10) : null;
}

function parseUrl(text: string): string {
  return /^[a-z][a-z0-9+.-]*:/i.test(text) ? text : `https://${text}`;
}

/** Phone numbers in international form lose their punctuation; others stay as they were typed. */
function parsePhone(text: string): string {
  const digits = text.replaceAll(/[\s().\-/]/g, '');
  return /^(\+|00)[1-9]\d{6,14}$/.test(digits) ? digits.replace(/^00/, '+') : text;
}

/** Street, city, region, postcode and country, with commas in between. */
function parseAddress(text: string): Json | undefined {
  const parts = text.split(',').map((part) => part.trim());
  const [line1, city, region, postcode, country] = parts;
  return parts.length === 5 ? { line1: line1 ?? '', city: city ?? '', region: region ?? '', postcode: postcode ?? '', country: country ?? '' } : undefined;
}

function find(column: Column, text: string, { names }: Reading): string | undefined {
  const wanted = text.trim().toLowerCase();
  switch (column.type) {
    case 'select':
    case 'multi_select':
      return column.options.find(({ id, label }) => label.toLowerCase() === wanted || id === text)?.id;
    case 'user':
    case 'users':
      return [...names.people.values()].find(({ id, name }) => name.toLowerCase() === wanted || id === text)?.id;
    default:
      return names.findRow(String(column.config['list']), wanted);
  }
}

function parseReferences(column: Column, text: string, reading: Reading): Parsed {
  const single = column.type === 'select' || column.type === 'user' || column.config['limit'] === 'one';
  const whole = find(column, text, reading);
  const parts = single || whole ? [text] : text.split(/[,\n]/).filter((part) => part.trim());
  const ids = parts.map((part) => find(column, part, reading));
  const missing = parts.filter((_, index) => ids[index] === undefined).map((part) => `“${part.trim()}”`);
  if (missing.length > 0) return problem(`There is no ${missing.join(', ')} to choose here.`);
  const found = [...new Set(ids as string[])];
  return { kind: 'value', value: column.type === 'select' || column.type === 'user' ? (found[0] ?? null) : found };
}

function read(column: Column, text: string, reading: Reading): Json | undefined {
  switch (column.type) {
    case 'number':
    case 'rating':
    case 'duration':
    case 'currency':
      return parseNumber(text, reading.locale, column.type === 'currency' ? currencyOf(column) : undefined) ?? undefined;
    case 'percent': {
      const number = parseNumber(text.replace('%', ''), reading.locale);
      return number === null ? undefined : Number((number / 100).toPrecision(15));
    }
    case 'checkbox': {
      const word = text.trim().toLowerCase();
      return YES.has(word) ? true : NO.has(word) ? false : undefined;
    }
    case 'date':
      return parseDate(text, reading.today, reading.locale) ?? undefined;
    case 'datetime': {
      const time = new Date(text);
      return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
    }
    case 'url':
      return parseUrl(text.trim());
    case 'phone':
      return parsePhone(text.trim());
    case 'email':
      return text.trim();
    case 'address':
      return parseAddress(text);
    default:
      return text;
  }
}

/** Reads a text for a column; an empty text is an empty cell. */
export function parseText(column: Column, text: string, reading: Reading): Parsed {
  if (isComputed(column.type)) return problem(SENTENCES.computed);
  if (text.trim() === '' && column.type !== 'long_text') return { kind: 'value', value: null };
  if (['select', 'multi_select', 'user', 'users', 'link'].includes(column.type)) return parseReferences(column, text, reading);
  if (column.type === 'attachment') return problem('Files cannot be pasted as text.');
  const value = read(column, text, reading);
  if (value === undefined) return problem(column.type === 'date' ? SENTENCES.not_a_date : `“${text.trim()}” is no ${noun(column)}.`);
  const wrong = checkValue(column, value);
  return wrong ? problem(SENTENCES[wrong]) : { kind: 'value', value };
}

function noun({ type }: Column): string {
  if (type === 'checkbox') return 'yes or no';
  if (type === 'address') return 'address of street, city, region, postcode and country';
  return type === 'datetime' ? 'date and time' : 'number';
}
