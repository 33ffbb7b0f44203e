/** Sentences of a conversion: what it would do, what it has done, what undoing it has taken from view. Pure. */

import { type Column, type ColumnType, type JsonObject, isComputed } from '@rowhouse/sdk';

import type { Converted, Counts, Undone } from '../api/conversions.ts';
import { Problem, sentenceOf } from '../api/http.ts';
import { TYPE_WORDS } from '../cells/type-words.ts';
import { rowCount } from '../list/use-size.ts';

const OPTIONS_NAMED_MAX = 12;

/** What the server has put into a column that took the place of another. */
export interface Mark {
  readonly lost: number;
}

/** Whether there is another type that a column's values can be given. */
export function convertible({ type }: Pick<Column, 'type'>): boolean {
  return !isComputed(type) && type !== 'attachment';
}

/** What a column says of the conversion that it came from; `null` if it came from none. */
export function markOf({ config }: Pick<Column, 'config'>): Mark | null {
  const mark = config['converted'];
  if (typeof mark !== 'object' || mark === null || Array.isArray(mark)) return null;
  const { lost } = mark as JsonObject;
  return { lost: typeof lost === 'number' ? lost : 0 };
}

export function typeWords(type: ColumnType): string {
  return TYPE_WORDS[type] ?? type;
}

function values(count: number): string {
  return `${count.toLocaleString()} ${count === 1 ? 'value' : 'values'}`;
}

/** Says how much would convert. */
export function forecastWords({ filled, converted, lost }: Counts): string {
  if (filled === 0) return 'The column is empty: there is nothing to convert.';
  if (lost === 0) return filled === 1 ? 'Its one value converts.' : `All ${values(filled)} convert.`;
  return `${converted.toLocaleString()} of ${values(filled)} ${converted === 1 ? 'converts' : 'convert'}; ${lost.toLocaleString()} ${lost === 1 ? 'does' : 'do'} not.`;
}

/** Says what becomes of the values that do not convert; empty where all do. */
export function lossWords({ lost }: Pick<Counts, 'lost'>): string {
  if (lost === 0) return '';
  return `${lost === 1 ? 'Its cell' : 'Their cells'} will be empty. The report keeps ${lost === 1 ? 'it' : 'them all'}, and undoing brings every value back.`;
}

/** What the button says: the number of cells that it empties. */
export function deedWords(lost: number): string {
  return lost === 0 ? 'Convert' : `Convert and empty ${lost.toLocaleString()} ${lost === 1 ? 'cell' : 'cells'}`;
}

/** Names the options that would be made; empty where none would. */
export function optionWords(labels: readonly string[]): string {
  if (labels.length === 0) return '';
  const named = labels.slice(0, OPTIONS_NAMED_MAX).join(', ');
  const rest = labels.length - OPTIONS_NAMED_MAX;
  return `Makes ${labels.length.toLocaleString()} ${labels.length === 1 ? 'option' : 'options'}: ${named}${rest > 0 ? `, and ${rest.toLocaleString()} more` : ''}.`;
}

export interface Told {
  readonly title: string;
  readonly description: string;
}

/** Says what a conversion has done. */
export function convertedWords({ column, converted, lost }: Converted): Told {
  const empty = lost === 0 ? '' : ` ${values(lost)} did not convert: ${lost === 1 ? 'its cell is' : 'their cells are'} empty.`;
  return {
    title: `${column.name}: now ${typeWords(column.type)}`,
    description: `${values(converted)} converted.${empty} The column’s menu has “Undo”, too.`,
  };
}

/** Says what undoing has done, and what came since and is not in view any more. */
export function undoneWords({ column, edited_since: edited, imported_since: imported, samples }: Undone, rowName: (row: string) => string | null): Told {
  const title = `${column.name}: ${typeWords(column.type)} again`;
  if (edited + imported === 0) return { title, description: 'It shows every value that it held.' };
  const held = samples.map(({ row, value }) => `${rowName(row) ?? 'a row that is gone'}: ${value || '(empty)'}`).join('; ');
  const rest = edited + imported - samples.length;
  const came = [edited > 0 && `${rowCount(edited)} had been edited`, imported > 0 && `${rowCount(imported)} had been imported`].filter(Boolean).join(', and ');
  return {
    title,
    description: `It shows every value that it held. ${came} since; what they held then: ${held}${rest > 0 ? `; and ${rest.toLocaleString()} more` : ''}.`,
  };
}

/** Said where the column is not what it was when the person began. */
export const CHANGED = 'Somebody has changed or removed this column meanwhile. Close this, and look at the list again.';

/** What went wrong, and what to do. */
export function troubleWords(error: Error): string {
  if (error instanceof Problem && error.status === 404) return CHANGED;
  if (error instanceof Problem) return sentenceOf(error);
  return 'No answer came. What was begun may go on by itself: look at the column, then try again. It goes on from where it stands.';
}
