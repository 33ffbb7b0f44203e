/** A list's schema as its document says it: the `meta` and `columns` roots, read into typed values. */

import type * as Y from 'yjs';

import { type Json, type JsonObject, isObject } from './json.ts';
import { comparePlaces } from './positions.ts';

export const COLUMN_TYPES = [
  'text', 'long_text', 'number', 'percent', 'currency', 'rating', 'duration', 'checkbox', 'date', 'datetime', 'select', 'multi_select',
  'email', 'phone', 'url', 'user', 'users', 'link', 'address', 'attachment', 'lookup', 'rollup', 'count', 'formula', 'autonumber',
  'created_at', 'created_by', 'updated_at', 'updated_by',
] as const;

export type ColumnType = (typeof COLUMN_TYPES)[number];

const SET_VALUED: ReadonlySet<ColumnType> = new Set(['multi_select', 'users', 'link', 'attachment']);
const COMPUTED: ReadonlySet<ColumnType> = new Set([
  'lookup', 'rollup', 'count', 'formula', 'autonumber', 'created_at', 'created_by', 'updated_at', 'updated_by',
]);

export interface ColumnOption {
  readonly id: string;
  readonly label: string;
  readonly colour: string | number | null;
  readonly position: string;
}

export interface Column {
  readonly id: string;
  readonly name: string;
  readonly type: ColumnType;
  readonly position: string;
  readonly config: JsonObject;
  readonly required: boolean;
  readonly locked: boolean;
  readonly options: readonly ColumnOption[];
}

export interface ListSchema {
  readonly format: number | null;
  readonly name: string;
  /** The column whose value names a row; the first one where `meta` says nothing. */
  readonly primary: string | null;
  /** Columns that are not deleted, in order. */
  readonly columns: readonly Column[];
  /** Deleted columns: only to name what was written into them. */
  readonly deleted: readonly Column[];
}

/** Tells whether a column's value is a set of ids, merged element by element. */
export function isSetValued(type: ColumnType): boolean {
  return SET_VALUED.has(type);
}

/** Tells whether a column's value is computed by the server and never written. */
export function isComputed(type: ColumnType): boolean {
  return COMPUTED.has(type);
}

type Attributes = { values: Map<string, Json>; options: Map<string, JsonObject> };

function gather(columns: Y.Map<Json>): Map<string, Attributes> {
  const gathered = new Map<string, Attributes>();
  for (const [key, value] of columns.entries()) {
    const [id, attribute, option] = key.split(':');
    if (!id || !attribute) continue;
    let entry = gathered.get(id);
    if (!entry) gathered.set(id, (entry = { values: new Map(), options: new Map() }));
    if (attribute === 'option' && option && isObject(value)) entry.options.set(option, value);
    else if (option === undefined) entry.values.set(attribute, value);
  }
  return gathered;
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

function readOption(id: string, value: JsonObject): ColumnOption {
  const colour = value['colour'];
  return {
    id,
    label: text(value['label']),
    colour: typeof colour === 'string' || typeof colour === 'number' ? colour : null,
    position: text(value['pos']),
  };
}

function readColumn(id: string, { values, options }: Attributes): Column | null {
  const type = values.get('type');
  if (!COLUMN_TYPES.includes(type as ColumnType)) return null;
  const config = values.get('config');
  return {
    id,
    name: text(values.get('name')),
    type: type as ColumnType,
    position: text(values.get('pos')),
    config: isObject(config) ? config : {},
    required: values.get('required') === true,
    locked: values.get('locked') === true,
    options: [...options]
      .map(([option, value]) => readOption(option, value))
      .toSorted((left, right) => comparePlaces(left.position, left.id, right.position, right.id)),
  };
}

/** Reads the schema; columns of a type that this client does not know are left out. */
export function readSchema(meta: Y.Map<Json>, columns: Y.Map<Json>): ListSchema {
  const read: Column[] = [];
  const deleted: Column[] = [];
  for (const [id, attributes] of gather(columns)) {
    const column = readColumn(id, attributes);
    if (column) (attributes.values.get('deleted') ? deleted : read).push(column);
  }
  read.sort((left, right) => comparePlaces(left.position, left.id, right.position, right.id));
  const format = meta.get('format');
  const primary = meta.get('primary');
  return {
    format: typeof format === 'number' ? format : null,
    name: text(meta.get('name')),
    primary: read.some((column) => column.id === primary) ? (primary as string) : (read[0]?.id ?? null),
    columns: read,
    deleted,
  };
}
