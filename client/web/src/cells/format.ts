/** How a value reads: by its column's type and the person's locale. Pure. */

import { type Column, type Json, isObject } from '@rowhouse/sdk';

import type { Names } from './names.ts';

const formatters = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();

/** Formatters are costly to make and cells many: one per distinct request is kept. */
function kept<T extends Intl.NumberFormat | Intl.DateTimeFormat>(key: string, make: () => T): T {
  let found = formatters.get(key);
  if (!found) formatters.set(key, (found = make()));
  return found as T;
}

function precisionOf({ config }: Pick<Column, 'config'>): number | null {
  const precision = config['precision'];
  return typeof precision === 'number' ? precision : null;
}

/** The ISO 4217 code of a currency column. */
export function currencyOf({ config }: Pick<Column, 'config'>): string {
  const code = config['currency'];
  return typeof code === 'string' ? code : 'USD';
}

function formatNumber(column: Column, value: number, locale: string | undefined): string {
  const precision = precisionOf(column);
  const currency = column.type === 'currency' ? currencyOf(column) : '';
  const key = `${column.type}|${precision}|${currency}|${locale}`;
  return kept(key, () => {
    const digits = precision === null ? {} : { minimumFractionDigits: precision, maximumFractionDigits: precision };
    if (currency) return new Intl.NumberFormat(locale, { style: 'currency', currency, trailingZeroDisplay: precision === null ? 'stripIfInteger' : 'auto', ...digits });
    if (column.type === 'percent') return new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 2, ...digits });
    return new Intl.NumberFormat(locale, { maximumFractionDigits: 10, ...digits });
  }).format(value);
}

function formatDate(value: string, withTime: boolean, locale: string | undefined): string {
  const date = new Date(withTime ? value : `${value}T00:00:00Z`);
  if (Number.isNaN(date.getTime())) return value;
  const formatter = kept(`${withTime}|${locale}`, () =>
    withTime
      ? new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' })
      : new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' }),
  );
  return formatter.format(date);
}

function formatDuration(seconds: number): string {
  const whole = Math.round(Math.abs(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return `${seconds < 0 ? '-' : ''}${parts.map((part, index) => (index ? String(part).padStart(2, '0') : part)).join(':')}`;
}

/** Returns the ids that a cell refers to, for single and set-valued columns alike; choices in the order of their options. */
export function references({ options }: Pick<Column, 'options'>, value: Json): readonly string[] {
  if (typeof value === 'string') return [value];
  const ids = Array.isArray(value) ? value.filter((id): id is string => typeof id === 'string') : [];
  if (options.length === 0) return ids;
  const known = options.map(({ id }) => id).filter((id) => ids.includes(id));
  return [...known, ...ids.filter((id) => !known.includes(id))];
}

/** Returns the name of one id that a cell refers to; an ellipsis while it is not known. */
export function referenceName(column: Column, id: string, names: Names): string {
  switch (column.type) {
    case 'select':
    case 'multi_select':
      return column.options.find((option) => option.id === id)?.label ?? '(deleted option)';
    case 'user':
    case 'users':
    case 'created_by':
    case 'updated_by':
      return names.people.get(id)?.name ?? '(former member)';
    case 'link': {
      const name = names.row(String(column.config['list']), id);
      return name === undefined ? '…' : (name ?? '(row not found)');
    }
    default:
      return id;
  }
}

/** Tells whether a column's cells hold ids of options, people or rows. */
export function isReference({ type }: Pick<Column, 'type'>): boolean {
  return ['select', 'multi_select', 'user', 'users', 'link', 'created_by', 'updated_by'].includes(type);
}

/** Tells whether a column's cells are numbers, shown at the right. */
export function isNumeric({ type }: Pick<Column, 'type'>): boolean {
  return ['number', 'percent', 'currency', 'rating', 'duration', 'count', 'autonumber'].includes(type);
}

/** Returns a value as a person reads it; empty for an empty cell. */
export function displayText(column: Column, value: Json, names: Names, locale?: string): string {
  if (value === null) return '';
  if (isReference(column)) return references(column, value).map((id) => referenceName(column, id, names)).join(', ');
  if (typeof value === 'number') return column.type === 'duration' ? formatDuration(value) : formatNumber(column, value, locale);
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  if (typeof value === 'string') {
    const dated = column.type === 'date' || column.type === 'datetime' || column.type.endsWith('_at');
    return dated ? formatDate(value, column.type !== 'date', locale) : value;
  }
  if (isObject(value)) return ['line1', 'line2', 'city', 'region', 'postcode', 'country'].map((part) => value[part]).filter(Boolean).join(', ');
  return JSON.stringify(value);
}

/** Returns a value as an editor and the clipboard show it: complete, without rounding or grouping. */
export function editText(column: Column, value: Json, names: Names): string {
  if (typeof value === 'number' && column.type === 'percent') return `${Number((value * 100).toPrecision(15))}%`;
  if (typeof value === 'number' && column.type !== 'duration') return String(value);
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE';
  if (typeof value === 'string' && (column.type === 'date' || column.type === 'datetime')) return value;
  return displayText(column, value, names);
}
