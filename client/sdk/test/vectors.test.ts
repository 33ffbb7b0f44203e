/** The vectors in `tests/vectors`: the server's tests read the same files. */

import { readFileSync } from 'node:fs';

import * as Y from 'yjs';
import { expect, test } from 'vitest';

import { type Column, type ColumnType, type Json, type JsonObject, checkValue } from '../src/index.ts';
import { readSchema } from '../src/schema.ts';
import { SegmentMalformed, decodeSegment } from '../src/segments.ts';

function read<File>(name: string): File {
  return JSON.parse(readFileSync(new URL(`../../../tests/vectors/${name}`, import.meta.url), 'utf8')) as File;
}

interface ValueCase { readonly type: ColumnType; readonly ok: boolean; readonly value?: Json; readonly repeat?: readonly [string, number]; readonly config?: JsonObject }
interface SegmentCase { readonly name: string; readonly base64: string; readonly decoded: { readonly columns: readonly string[]; readonly rows: readonly Json[][] } }
interface StoredColumn extends JsonObject { readonly id: string; readonly deleted: boolean }
interface SchemaCase { readonly primary: string | null; readonly entries: JsonObject; readonly schema: { readonly primary: string | null; readonly columns: readonly StoredColumn[] } }

const values = read<{ members: string[]; options: { id: string; label: string }[]; cases: ValueCase[] }>('values.json');
const options: Column['options'] = values.options.map((option) => ({ ...option, colour: null, position: '' }));
const members = new Set(values.members);

function valueOf({ value, repeat }: ValueCase): Json {
  return repeat ? repeat[0].repeat(repeat[1]) : (value ?? null);
}

test.each(values.cases.map((said) => [said.type, JSON.stringify(said.value ?? said.repeat ?? null), said] as const))(
  '[SNAP-2] %s: %s',
  (type, _, said) => {
    expect(checkValue({ type, options, config: said.config ?? {} }, valueOf(said), members) === null).toBe(said.ok);
  },
);

const segments = ['segments.python.json', 'segments.typescript.json'].flatMap((name) =>
  read<{ segments: SegmentCase[] }>(name).segments.map((said) => [`${name}: ${said.name}`, said] as const),
);

test.each(segments)('[SNAP-4] %s', (_, { base64, decoded }) => {
  const segment = decodeSegment(new Uint8Array(Buffer.from(base64, 'base64')));
  expect(segment.columns).toEqual(decoded.columns);
  expect(segment.rows).toEqual(decoded.rows);
});

const hostile = read<{ segments: { name: string; ok: boolean; base64: string }[] }>('segments.hostile.json').segments;

test.each(hostile)('[DATA-30] hostile bytes: $name', ({ ok, base64 }) => {
  const payload = new Uint8Array(Buffer.from(base64, 'base64'));
  if (ok) expect(decodeSegment(payload).columns).toHaveLength(1);
  else expect(() => decodeSegment(payload)).toThrow(SegmentMalformed);
});

const schemas = read<{ cases: SchemaCase[] }>('schemas.json').cases.map((said) => [String(said.primary), said] as const);

test.each(schemas)('[SNAP-1] the columns of a list whose primary column is said to be %s', (_, { entries, primary, schema }) => {
  const document = new Y.Doc();
  const [meta, columns] = [document.getMap<Json>('meta'), document.getMap<Json>('columns')];
  if (primary !== null) meta.set('primary', primary);
  for (const [key, value] of Object.entries(entries)) columns.set(key, value);
  const standing = schema.columns.filter((column) => !column.deleted).map(({ deleted: _deleted, ...column }) => column);
  const seen = readSchema(meta, columns);
  expect(seen.columns).toEqual(standing);
  expect(seen.primary).toBe(schema.primary);
});
