/** Writes whole documents made by stock Yjs and this package, for the server to read. */

import * as Y from 'yjs';

import { addComment, addRow, editComment, ListDocument, restoreRows, setCell, setView, trashRows, type Json } from '../src/index.ts';
import { resolveComment } from '../src/comments.ts';
import { type SegmentRow, encodeSegment } from '../src/segments.ts';

const [NAME, RENT, TAGS] = ['col-name-------1', 'col-rent-------1', 'col-tags-------1'];
const [FLAT, YARD, QUAY] = ['row-flat-------1', 'row-yard-------1', 'row-quay-------1'] as const;
const [SOLD, OPEN] = ['option-sold----1', 'option-open----1'];
const [ANA, AT] = ['user-ana-------1', '2026-03-01T12:00:00.000Z'];
const COMMENT = 'comment-one----1';

/** A list with a segment under edits, set-valued cells from both, rows in the trash and out of it, a comment, a view. */
async function edited(): Promise<Y.Doc> {
  const doc = new Y.Doc();
  doc.clientID = 77_001;
  const columns: [string, Json][] = [
    [`${NAME}:name`, 'Name'], [`${NAME}:type`, 'text'], [`${NAME}:pos`, 'a0'],
    [`${RENT}:name`, 'Rent'], [`${RENT}:type`, 'number'], [`${RENT}:pos`, 'a1'],
    [`${TAGS}:name`, 'Tags'], [`${TAGS}:type`, 'multi_select'], [`${TAGS}:pos`, 'a2'],
    [`${TAGS}:option:${SOLD}`, { label: 'Sold', colour: 'green', pos: 'a0' }],
    [`${TAGS}:option:${OPEN}`, { label: 'Open', colour: 'blue', pos: 'a1' }],
  ];
  const rows: SegmentRow[] = [
    [FLAT, 'a0', 'Flat', 900, [SOLD]],
    [YARD, 'a1', 'Yard', null, []],
  ];
  const segment = encodeSegment({ columns: [NAME, RENT, TAGS], rows });
  doc.transact(() => {
    doc.getMap('meta').set('format', 1);
    doc.getMap('meta').set('name', 'Harbour');
    doc.getMap('meta').set('primary', NAME);
    for (const [key, value] of columns) doc.getMap<Json>('columns').set(key, value);
    doc.getMap('segments').set('segment-one----1', segment);
    doc.getMap('overlays').set('1', new Y.Map());
  });
  const list = new ListDocument(doc);
  await list.inflated;
  write(list);
  list.write(restoreRows(list, [YARD]));
  addComment(doc, COMMENT, { row: FLAT, column: NAME, author: ANA, at: AT, body: 'Is it let?', mentions: [ANA] });
  editComment(doc, COMMENT, 'Is it let already?');
  resolveComment(doc, COMMENT, { by: ANA, at: AT });
  setView(doc, 'view-open------1', { name: 'Open ones', kind: 'grid', filter: { all: [[TAGS, 'has', OPEN]] } });
  return doc;
}

function write(list: ListDocument): void {
  const column = (id: string): Parameters<typeof setCell>[2] => list.schema.columns.find((held) => held.id === id)!;
  list.write([...addRow(QUAY, 'a0V')]);
  list.write([...setCell(list, QUAY, column(NAME!), 'Quay'), ...setCell(list, QUAY, column(TAGS!), [OPEN, SOLD])]);
  list.write(setCell(list, FLAT, column(RENT!), 950.5));
  list.write(setCell(list, FLAT, column(NAME!), null));
  list.write(setCell(list, FLAT, column(TAGS!), [OPEN]));
  list.write(trashRows(list, [QUAY, YARD], { by: ANA!, at: AT! }));
}

/** What a reader must find in it. */
const SEEN = {
  rows: [
    { id: FLAT, position: 'a0', trashed: false, cells: { [NAME!]: null, [RENT!]: 950.5, [TAGS!]: [OPEN] } },
    { id: QUAY, position: 'a0V', trashed: true, cells: { [NAME!]: 'Quay', [RENT!]: null, [TAGS!]: [OPEN, SOLD] } },
    { id: YARD, position: 'a1', trashed: false, cells: { [NAME!]: 'Yard', [RENT!]: null, [TAGS!]: [] } },
  ],
  comments: [
    { id: COMMENT, row: FLAT, column: NAME, parent: null, author: ANA, at: AT, body: 'Is it let already?', mentions: [ANA], resolved: { by: ANA, at: AT }, deleted: null },
  ],
  views: [{ id: 'view-open------1', name: 'Open ones', kind: 'grid', filter: { all: [[TAGS, 'has', OPEN]] } }],
};

/** The vectors, a line each. */
export async function makeDocuments(): Promise<string> {
  const base64 = Buffer.from(Y.encodeStateAsUpdate(await edited())).toString('base64');
  return `{"format": 1, "documents": [\n${JSON.stringify({ name: 'a segment under edits', base64, seen: SEEN })}\n]}\n`;
}
