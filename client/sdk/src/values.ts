/**
 * Which values a column takes: the same checks as the server's, so that a person learns of a bad value before
 * it travels. The server's answer is the one that counts.
 */

import { type Json, isObject } from './json.ts';
import { isId } from './ids.ts';
import { type Column, isComputed } from './schema.ts';

export type Problem =
  | 'computed'
  | 'wrong_type'
  | 'too_long'
  | 'bad_text'
  | 'not_finite'
  | 'not_a_date'
  | 'unknown_option'
  | 'unknown_member'
  | 'bad_email'
  | 'bad_url';

export const TEXT_CHARACTERS_MAX = 10_000;
export const LONG_TEXT_CHARACTERS_MAX = 100_000;

const URL_SCHEMES: ReadonlySet<string> = new Set(['http:', 'https:', 'mailto:', 'tel:']);
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const DATETIME = /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?Z$/;
const EMAIL = /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/;
const BAD_CHARACTERS = /\0|\p{Surrogate}/u;
const ADDRESS_FIELDS: ReadonlySet<string> = new Set(['line1', 'line2', 'city', 'region', 'postcode', 'country', 'lat', 'lon']);

type Judged = Pick<Column, 'type' | 'options'>;

/**
 * Judges a value for a column; `null` (empty) is always allowed, except in computed columns.
 *
 * `members` are the ids of the workspace's people; `null` when they are not known, then nobody is refused.
 * Returns `null` when the value is fine.
 */
export function checkValue(column: Judged, value: Json, members: ReadonlySet<string> | null = null): Problem | null {
  if (isComputed(column.type)) return 'computed';
  if (value === null) return null;
  switch (column.type) {
    case 'text':
    case 'phone':
      return checkText(value, TEXT_CHARACTERS_MAX);
    case 'long_text':
      return checkText(value, LONG_TEXT_CHARACTERS_MAX);
    case 'email':
      return checkText(value, TEXT_CHARACTERS_MAX) ?? (EMAIL.test(value as string) ? null : 'bad_email');
    case 'url':
      return checkText(value, TEXT_CHARACTERS_MAX) ?? (isAllowedUrl(value as string) ? null : 'bad_url');
    case 'checkbox':
      return typeof value === 'boolean' ? null : 'wrong_type';
    case 'date':
      return checkDate(value);
    case 'datetime':
      return checkDatetime(value);
    case 'address':
      return checkAddress(value);
    case 'select':
    case 'multi_select':
    case 'user':
    case 'users':
    case 'link':
    case 'attachment':
      return checkReferences(column, value, members);
    default:
      return checkNumber(value);
  }
}

function checkText(value: Json, charactersMax: number): Problem | null {
  if (typeof value !== 'string') return 'wrong_type';
  if (BAD_CHARACTERS.test(value)) return 'bad_text';
  return value.length > charactersMax && [...value].length > charactersMax ? 'too_long' : null;
}

function checkNumber(value: Json): Problem | null {
  if (typeof value !== 'number') return 'wrong_type';
  if (!Number.isFinite(value)) return 'not_finite';
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? 'not_finite' : null;
}

function checkDate(value: Json): Problem | null {
  if (typeof value !== 'string') return 'wrong_type';
  const [, year, month, day] = DATE.exec(value) ?? [];
  if (year === undefined || year === '0000') return 'not_a_date';
  const date = new Date(`${value}T00:00:00Z`);
  return date.getUTCMonth() + 1 === Number(month) && date.getUTCDate() === Number(day) ? null : 'not_a_date';
}

function checkDatetime(value: Json): Problem | null {
  if (typeof value !== 'string') return 'wrong_type';
  const [, date] = DATETIME.exec(value) ?? [];
  return date === undefined ? 'not_a_date' : checkDate(date);
}

function checkReferences({ type, options }: Judged, value: Json, members: ReadonlySet<string> | null): Problem | null {
  const single = type === 'select' || type === 'user';
  const ids: readonly unknown[] = single ? [value] : Array.isArray(value) ? value : [null];
  if (!ids.every((id): id is string => typeof id === 'string' && isId(id))) return 'wrong_type';
  if (type === 'select' || type === 'multi_select') {
    const known = new Set(options.map(({ id }) => id));
    return ids.every((id) => known.has(id)) ? null : 'unknown_option';
  }
  const people = type === 'user' || type === 'users';
  return !people || members === null || ids.every((id) => members.has(id)) ? null : 'unknown_member';
}

function checkAddress(value: Json): Problem | null {
  if (!isObject(value)) return 'wrong_type';
  for (const [field, part] of Object.entries(value)) {
    if (!ADDRESS_FIELDS.has(field)) return 'wrong_type';
    if (part === null) continue;
    const problem = field === 'lat' || field === 'lon' ? checkNumber(part) : checkText(part, TEXT_CHARACTERS_MAX);
    if (problem) return problem;
  }
  return null;
}

/** Tells whether a cell's URL has one of the schemes that a person may follow. */
export function isAllowedUrl(text: string): boolean {
  return URL.canParse(text) && URL_SCHEMES.has(new URL(text).protocol);
}
