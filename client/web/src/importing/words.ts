/** Sentences of the import: sizes, progress, outcome. Pure. */

import type { Json } from '@rowhouse/sdk';

import type { Difference, Import, Preview } from '../api/imports.ts';
import { rowCount } from '../list/use-size.ts';

export const FILE_BYTES_MAX = 200 * 1024 * 1024;

export const DELIMITER_WORDS: Readonly<Record<string, string>> = { ',': 'Comma', ';': 'Semicolon', '\t': 'Tab', '|': 'Vertical bar' };
/** By the names that the server gives encodings. */
export const ENCODING_WORDS: Readonly<Record<string, string>> = {
  'utf-8': 'Unicode (UTF-8)', 'utf-16': 'Unicode (UTF-16)', cp1252: 'Western European (Windows)', 'iso8859-15': 'Western European (ISO)',
  'mac-roman': 'Western European (Mac)', cp1250: 'Central European (Windows)', 'iso8859-2': 'Central European (ISO)', cp1251: 'Cyrillic (Windows)',
  'koi8-r': 'Cyrillic (KOI8-R)', cp1253: 'Greek', cp1254: 'Turkish', cp1255: 'Hebrew', cp1256: 'Arabic', cp1257: 'Baltic', shift_jis: 'Japanese',
  gb18030: 'Chinese (simplified)', big5: 'Chinese (traditional)', euc_kr: 'Korean',
};
export const ORDER_WORDS = { year_first: 'Year, month, day', month_first: 'Month, day, year', day_first: 'Day, month, year' } as const;
export const DECIMAL_WORDS = { point: 'Point: 1,234.5', comma: 'Comma: 1.234,5' } as const;

const UNITS = ['bytes', 'KB', 'MB', 'GB'];

export function sizeWords(bytes: number): string {
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), UNITS.length - 1);
  const value = bytes / 1024 ** power;
  return `${value.toLocaleString(undefined, { maximumFractionDigits: power > 1 ? 1 : 0 })} ${UNITS[power]}`;
}

/** Why a file is not worth uploading; `null` if it may be. */
export function fileFault({ name, size }: Pick<File, 'name' | 'size'>): string | null {
  if (size === 0) return `“${name}” is empty. Choose another file.`;
  if (size <= FILE_BYTES_MAX) return null;
  return `“${name}” has ${sizeWords(size)}; a file may have ${sizeWords(FILE_BYTES_MAX)} at most. Split it into several files.`;
}

/** How much of an import is done, 0 to 1; `null` while nobody knows how much there is. */
export function share({ state, rows_total: total, rows_read: read }: Import): number | null {
  if (state === 'done') return 1;
  if (state !== 'running' || !total) return null;
  return Math.min(read / total, 1);
}

export function progressWords(job: Import): string {
  if (job.state === 'queued') return 'Waiting for its turn…';
  const total = job.rows_total === null ? '' : ` of ${job.rows_total.toLocaleString()}`;
  return `${job.rows_read.toLocaleString()}${total} rows read`;
}

/** What an import has done, for one line. */
export function outcomeWords(job: Import): string {
  const taken = [
    [job.rows_created, 'created'],
    [job.rows_updated, 'updated'],
    [job.rows_unchanged, 'unchanged'],
    [job.rows_refused, 'refused'],
  ] as const;
  const said = taken.filter(([count]) => count > 0).map(([count, word]) => `${count.toLocaleString()} ${word}`);
  return said.length > 0 ? said.join(', ') : 'No rows';
}

export function endTitle({ state }: Import): string {
  if (state === 'cancelled') return 'The import was cancelled';
  return state === 'failed' ? 'The import stopped' : 'The import is done';
}

/** How many values of the rows that were looked at will not convert, over all columns that are taken. */
export function problemCount({ columns, choices }: Preview): number {
  const taken = new Set(choices.columns.flatMap(({ source, target }) => (target === null ? [] : [source])));
  return columns.reduce((sum, { source, problems }) => sum + (taken.has(source) ? problems : 0), 0);
}

export function differenceWords({ exact, create, update, unchanged, refused }: Difference, sampled: number): string {
  const bad = refused > 0 ? `, ${refused.toLocaleString()} refused` : '';
  const said = `${create.toLocaleString()} new, ${update.toLocaleString()} changed, ${unchanged.toLocaleString()} unchanged${bad}`;
  return exact ? said : `${said} among the first ${rowCount(sampled)}`;
}

/** A value of a cell as it reads in a sentence. */
export function valueWords(value: Json): string {
  if (value === null || value === '' || (Array.isArray(value) && value.length === 0)) return '(empty)';
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  if (typeof value === 'number') return value.toLocaleString(undefined, { maximumFractionDigits: 10 });
  if (Array.isArray(value)) return value.map(valueWords).join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What becomes of the values that will not convert. */
export function forecastWords(bad: number, { rows_sampled: sampled, rows_total: total }: Pick<Preview, 'rows_sampled' | 'rows_total'>): string {
  const among = total !== null && sampled >= total ? `all ${rowCount(sampled)}` : `the ${rowCount(sampled)} that were looked at`;
  if (bad === 0) return `Every value of ${among} will convert.`;
  const values = `${bad.toLocaleString()} ${bad === 1 ? 'value' : 'values'}`;
  return `${values} of ${among} will not convert: ${bad === 1 ? 'it stays' : 'they stay'} out and ${bad === 1 ? 'stands' : 'stand'} in the report.`;
}
