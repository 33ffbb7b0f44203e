/** Edits that are not in the list, in the person's words: where, why, what was typed, and the text to copy. Pure. */

import { type Column, type Json, type ListSchema, type Refusal, isObject, parseKey } from '@rowhouse/sdk';

import { displayText, editText } from '../cells/format.ts';
import type { Names } from '../cells/names.ts';
import { formatTsv } from '../cells/tsv.ts';

const REASONS: Readonly<Record<string, string>> = {
  role: 'Your role may read this list but not change it.',
  locked_column: 'The column is locked. An admin can unlock it.',
  unknown_row: 'The row does not exist any more.',
  unknown_column: 'The column was deleted.',
  computed_column: 'The column is computed and cannot be edited.',
  invalid_value: 'The value does not fit the column.',
  not_author: 'Only its author may change this.',
  rate: 'Too many edits at once. Try again in a moment.',
  malformed: 'The server could not read this edit. Type it again.',
  unsaved: 'It was not saved.',
  unconfirmed: 'It was on its way without a connection, and the list now holds something else.',
};
const ROLE_ELSEWHERE = 'Your role may not change this.';
const NEW_ROW = 'New row';

/** What is needed to name the places of a list. */
export interface Naming {
  readonly schema: ListSchema;
  readonly names: Names;
  /** The name of a row; `null` where the list has no such row. */
  readonly rowName: (row: string) => string | null;
}

export interface KeptLine {
  readonly id: string;
  readonly place: string;
  readonly reason: string;
  readonly typed: string;
  readonly copied: string;
  /** Row, column and value, for a spreadsheet. */
  readonly cells: readonly [row: string, column: string, value: string];
}

type Said = Omit<KeptLine, 'id' | 'reason'>;

/** Says edits in the person's words, the newest first. */
export function keptLines(edits: readonly Refusal[], naming: Naming): KeptLine[] {
  const known = withNames(edits, naming);
  return edits.map((edit) => ({ id: edit.id, reason: sentence(edit), ...say(edit, known) })).toReversed();
}

/** Writes lines as rows of a spreadsheet: row, column, value. */
export function keptTsv(lines: readonly KeptLine[]): string {
  return formatTsv(lines.map(({ cells }) => cells));
}

/** Counts edits in words. */
export function edits(count: number): string {
  return `${count.toLocaleString()} ${count === 1 ? 'edit' : 'edits'}`;
}

/** A row is called by its name before the edits, and a new row by the name that was typed into it. */
function withNames(kept: readonly Refusal[], naming: Naming): Naming {
  const old = new Map<string, string>();
  const typed = new Map<string, string>();
  for (const { key, value, before } of kept) {
    const place = parseKey(key);
    if (place?.kind !== 'cell' || place.column !== naming.schema.primary) continue;
    if (typeof before === 'string') old.set(place.row, before);
    if (typeof value === 'string') typed.set(place.row, value);
  }
  return { ...naming, rowName: (row) => old.get(row) ?? naming.rowName(row) ?? typed.get(row) ?? null };
}

function sentence({ key, reason }: Refusal): string {
  if (reason === 'role' && key.includes('/')) return ROLE_ELSEWHERE;
  return REASONS[reason] ?? `It was not accepted (${reason}).`;
}

function say({ key, value }: Refusal, naming: Naming): Said {
  const place = parseKey(key);
  if (place === null) return sayElsewhere(key, value, naming);
  const row = naming.rowName(place.row) ?? NEW_ROW;
  if (place.kind === 'row') return { place: row, typed: row === NEW_ROW ? '' : NEW_ROW, copied: '', cells: [row, '', ''] };
  if (place.kind === 'trash') return { place: row, typed: value === null ? 'Restore' : 'Trash', copied: '', cells: [row, '', ''] };
  const { columns, deleted } = naming.schema;
  const column = [...columns, ...deleted].find(({ id }) => id === place.column);
  if (!column) return { place: `${row} · deleted column`, typed: plain(value), copied: plain(value), cells: [row, '', plain(value)] };
  const shown: Json = place.kind === 'element' ? [place.element] : (value ?? null);
  const copied = value === undefined ? '' : editText(column, shown, naming.names);
  return { place: `${row} · ${column.name}`, typed: typedIn(column, place.kind, value, shown, naming.names), copied, cells: [row, column.name, copied] };
}

function typedIn(column: Column, kind: 'cell' | 'element', value: Json | undefined, shown: Json, names: Names): string {
  if (value === undefined) return '';
  if (value === null) return '(cleared)';
  const verb = kind === 'cell' ? '' : value === true ? 'Add ' : 'Remove ';
  return `${verb}${displayText(column, shown, names)}`;
}

/** Comments, views, columns and the list's own settings. */
function sayElsewhere(key: string, value: Json | undefined, { schema, rowName }: Naming): Said {
  const [root = '', name = ''] = key.split('/');
  const body = isObject(value) ? value['body'] : undefined;
  const text = typeof body === 'string' ? body : plain(value);
  switch (root) {
    case 'comments': {
      const row = (isObject(value) && typeof value['row'] === 'string' && rowName(value['row'])) || '';
      return { place: row ? `${row} · Comment` : 'Comment', typed: text, copied: text, cells: [row, 'Comment', text] };
    }
    case 'columns': {
      const column = schema.columns.find(({ id }) => id === name.split(':')[0])?.name ?? '';
      return { place: column ? `Column ${column}` : 'New column', typed: text, copied: text, cells: ['', column, text] };
    }
    case 'views':
      return { place: 'View', typed: text, copied: text, cells: ['', 'View', text] };
    default:
      return { place: root === 'meta' ? 'List' : 'Edit', typed: text, copied: text, cells: ['', '', text] };
  }
}

function plain(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
