/** Writes the segments and documents that this side makes, for every other reader of the format: `npm run vectors`. */

import { mkdirSync, writeFileSync } from 'node:fs';

import { type Segment, encodeSegment } from '../src/segments.ts';
import { makeDocuments } from './make-documents.ts';

const SEGMENTS: Readonly<Record<string, Segment>> = {
  empty: { columns: [], rows: [] },
  'one row': { columns: ['col-address-0001', 'col-price-000001'], rows: [['row-1-0000000000', 'a0', '12 Oak Lane', 420_000]] },
  'every kind of value': {
    columns: ['col-text-0000001', 'col-number-00001', 'col-checkbox-001', 'col-links-000001', 'col-address-0001', 'col-empty-000001'],
    rows: [
      [
        'row-1-0000000000',
        'a0',
        'Grüße, 家 🏠 "quoted"\n\ttwo lines',
        -0.25,
        true,
        ['row-a-0000000000', 'row-b-0000000000'],
        { line1: '12 Oak Lane', city: 'Harbour', lat: 47.61 },
        null,
      ],
      ['row-2-0000000000', 'a0V', '', 9_007_199_254_740_991, false, [], { line1: '' }, null],
    ],
  },
  'a thousand rows': {
    columns: ['col-number-00001'],
    rows: Array.from({ length: 1_000 }, (_, index) => [`row-${String(index).padStart(12, '0')}`, `c${String(index).padStart(3, '0')}`, index]),
  },
};

const vectors = [];
for (const [name, segment] of Object.entries(SEGMENTS)) {
  vectors.push({ name, base64: Buffer.from(encodeSegment(segment)).toString('base64'), decoded: { v: 1, ...segment } });
}

const folder = new URL('../../../tests/vectors/', import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL('segments.typescript.json', folder), `{"format": 1, "segments": [\n${vectors.map((vector) => JSON.stringify(vector)).join(',\n')}\n]}\n`);
writeFileSync(new URL('documents.typescript.json', folder), await makeDocuments());
