/** Whole documents made by the server and by stock Yjs (`tests/vectors`), read by this side. */

import { readFileSync } from 'node:fs';

import * as Y from 'yjs';
import { expect, test } from 'vitest';

import { addComment, deleteComment, deleteView, isSetValued, type Json, ListDocument, readComment, readComments, readViews, setView } from '../src/index.ts';

interface Row { readonly id: string; readonly position: string; readonly trashed: boolean; readonly cells: Readonly<Record<string, Json>> }
interface Vector { readonly name: string; readonly base64: string; readonly seen: { readonly rows: readonly Row[]; readonly comments: readonly Json[]; readonly views: readonly Json[] } }

const vectors = ['documents.python.json', 'documents.typescript.json'].flatMap((name) => {
  const file = readFileSync(new URL(`../../../tests/vectors/${name}`, import.meta.url), 'utf8');
  return (JSON.parse(file) as { documents: Vector[] }).documents.map((vector) => [`${name}: ${vector.name}`, vector] as const);
});

async function open({ base64 }: Vector): Promise<ListDocument> {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, new Uint8Array(Buffer.from(base64, 'base64')));
  const list = new ListDocument(doc);
  await list.inflated;
  return list;
}

test.each(vectors)('the rows of %s', async (_, vector) => {
  const list = await open(vector);
  for (const row of vector.seen.rows) {
    expect(list.has(row.id)).toBe(true);
    expect(list.isTrashed(row.id)).toBe(row.trashed);
    expect(list.at(`r:${row.id}`)).toBe(row.position);
    const cells = list.schema.columns.map((column) => [column.id, list.value(row.id, column)]);
    expect(Object.fromEntries(cells)).toEqual(row.cells);
  }
  expect(list.schema.columns.some((column) => isSetValued(column.type))).toBe(true);
});

test.each(vectors)('the comments and views of %s', async (_, vector) => {
  const { doc } = await open(vector);
  expect(readComments(doc)).toEqual(vector.seen.comments);
  expect(readViews(doc)).toEqual(vector.seen.views);
});

test('a deleted comment keeps its words for those who may see them, and says who deleted it', () => {
  const doc = new Y.Doc();
  const mark = { by: 'user-ana-------1', at: '2026-03-01T12:00:00.000Z' };
  addComment(doc, 'comment-one----1', { row: 'row-flat-------1', author: mark.by, at: mark.at, body: 'Let' });
  deleteComment(doc, 'comment-one----1', mark);
  expect(readComment(doc, 'comment-one----1')).toMatchObject({ body: 'Let', column: null, deleted: mark });
  expect(readComment(doc, 'comment-two----1')).toBeNull();
});

test('a view is changed attribute by attribute, and leaves with all of them', () => {
  const doc = new Y.Doc();
  setView(doc, 'view-open------1', { name: 'Open ones', kind: 'grid' });
  setView(doc, 'view-open------1', { name: 'All' });
  doc.getMap<Json>('views').set('view-open------1:mood', 'blue');
  expect(readViews(doc)).toEqual([{ id: 'view-open------1', name: 'All', kind: 'grid' }]);
  deleteView(doc, 'view-open------1');
  expect(readViews(doc)).toEqual([]);
});
