/** Lists for tests: documents as the server makes them. */

import * as Y from 'yjs';

import { type Column, type ColumnType, type Json, ListDocument, type Segment, encodeSegment } from '../src/index.ts';

export const ADDRESS = 'col-address-0001';
export const STATUS = 'col-status-00001';
export const OWNERS = 'col-owners-00001';
export const PRICE = 'col-price-000001';
export const ACTIVE = 'opt-active-00001';
export const ROW_1 = 'row-1-0000000000';
export const ROW_2 = 'row-2-0000000000';
export const ROW_3 = 'row-3-0000000000';

export const COLUMNS: readonly [string, string, ColumnType, string][] = [
  [ADDRESS, 'Address', 'text', 'a0'],
  [STATUS, 'Status', 'select', 'a1'],
  [OWNERS, 'Owners', 'link', 'a2'],
  [PRICE, 'List price', 'currency', 'a3'],
];

/** Makes a server-side document: schema, generation 1 and the rows given as position by id. */
export function serverDoc(rows: Readonly<Record<string, string>> = {}): Y.Doc {
  const doc = new Y.Doc();
  doc.transact(() => {
    const meta = doc.getMap<Json>('meta');
    meta.set('format', 1);
    meta.set('name', 'Properties');
    meta.set('primary', ADDRESS);
    const columns = doc.getMap<Json>('columns');
    for (const [id, name, type, pos] of COLUMNS) {
      for (const [attribute, value] of Object.entries({ name, type, pos })) columns.set(`${id}:${attribute}`, value);
    }
    columns.set(`${STATUS}:option:${ACTIVE}`, { label: 'Active', colour: 4, pos: 'a0' });
    openGeneration(doc, 1, Object.entries(rows).map(([row, position]) => [`r:${row}`, position]));
  });
  return doc;
}

/** Opens a generation with keys in it, as the server does when it folds. */
export function openGeneration(doc: Y.Doc, generation: number, entries: readonly (readonly [string, Json])[] = []): Y.Map<Json> {
  const map = new Y.Map<Json>();
  doc.getMap('overlays').set(String(generation), map);
  for (const [key, value] of entries) map.set(key, value);
  return map;
}

export function putSegment(doc: Y.Doc, id: string, segment: Segment): void {
  doc.getMap('segments').set(id, encodeSegment(segment));
}

/** A client's copy of a server's document. */
export function replica(of: Y.Doc): ListDocument {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(of));
  return new ListDocument(doc);
}

export function column(document: ListDocument, id: string): Column {
  const found = document.schema.columns.find((candidate) => candidate.id === id);
  if (!found) throw new Error(`no column ${id}`);
  return found;
}
