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
  | 'bad_phone'
  | 'bad_url'
  | 'bad_rating'
  | 'bad_address';

export const TEXT_CHARACTERS_MAX = 10_000;
export const LONG_TEXT_CHARACTERS_MAX = 100_000;

const EMAIL_CHARACTERS_MAX = 254;
const PHONE_CHARACTERS_MAX = 40;
const URL_CHARACTERS_MAX = 2_048;
const ADDRESS_PART_CHARACTERS_MAX = 200;
const RATING_MAX = 10;
const RATING_DEFAULT_MAX = 5;

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const DATETIME = /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?Z$/;
// No blank, control or invisible character: they hide what an address really is (`java\tscript:`).
const UNSEEN = String.raw`\x00-\x20\x7f-\xa0\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff`;
const LABEL = String.raw`[^${UNSEEN}@<>()\[\]\\,;:".\-]`;
const LABEL_INSIDE = String.raw`[^${UNSEEN}@<>()\[\]\\,;:".]`;
const EMAIL = new RegExp(String.raw`^[^${UNSEEN}@<>()\[\]\\,;:"]+@(?:${LABEL}(?:${LABEL_INSIDE}*${LABEL})?\.)+(?![0-9]+$)${LABEL}{2,}$`, 'u');
const PHONE = /^\+?[0-9(](?=(?:[^0-9]*[0-9]){2})[0-9 ().\-/]*[0-9)](?: ?(?:x|ext\.?|;ext=|#) ?[0-9]{1,10})?$/u;
const URL_FORM = new RegExp(
  String.raw`^(?:https?://[^${UNSEEN}/?#\\][^${UNSEEN}\\]*|mailto:[^${UNSEEN}@]+@[^${UNSEEN}@]+|tel:\+?[0-9().\-]+(?:;[^${UNSEEN}]*)?)$`,
  'iu',
);
const BAD_CHARACTERS = /\0|\p{Surrogate}/u;
const ADDRESS_PARTS = ['line1', 'city', 'region', 'postcode', 'country'] as const;
const ADDRESS_BOUNDS: Readonly<Record<string, number>> = { lat: 90, lon: 180 };

type Judged = Pick<Column, 'type' | 'options'> & Partial<Pick<Column, 'config'>>;

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
      return checkText(value, TEXT_CHARACTERS_MAX);
    case 'long_text':
      return checkText(value, LONG_TEXT_CHARACTERS_MAX);
    case 'email':
      return checkText(value, EMAIL_CHARACTERS_MAX) ?? (EMAIL.test(value as string) ? null : 'bad_email');
    case 'phone':
      return checkText(value, PHONE_CHARACTERS_MAX) ?? (PHONE.test(value as string) ? null : 'bad_phone');
    case 'url':
      return checkText(value, URL_CHARACTERS_MAX) ?? (isAllowedUrl(value as string) ? null : 'bad_url');
    case 'rating':
      return checkNumber(value) ?? checkRating(column, value as number);
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

function checkRating({ config }: Judged, value: number): Problem | null {
  const max = config?.['max'];
  const most = typeof max === 'number' && max <= RATING_MAX ? max : RATING_DEFAULT_MAX;
  return Number.isInteger(value) && value >= 0 && value <= most ? null : 'bad_rating';
}

function checkAddress(value: Json): Problem | null {
  if (!isObject(value)) return 'wrong_type';
  if (!ADDRESS_PARTS.every((part) => part in value)) return 'bad_address';
  for (const [name, part] of Object.entries(value)) {
    const bound = ADDRESS_BOUNDS[name];
    const known = bound !== undefined || name === 'line2' || ADDRESS_PARTS.some((each) => each === name);
    const problem = !known ? 'bad_address' : bound === undefined ? checkText(part, ADDRESS_PART_CHARACTERS_MAX) : checkNumber(part);
    if (problem) return problem;
    if (bound !== undefined && Math.abs(part as number) > bound) return 'bad_address';
  }
  return null;
}

/** Tells whether a cell's URL has one of the forms that a person may follow: http, https, mailto, tel. */
export function isAllowedUrl(text: string): boolean {
  return URL_FORM.test(text);
}
