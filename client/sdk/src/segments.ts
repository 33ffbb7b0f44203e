/**
 * Segments: immutable blocks of up to 1,000 imported rows, `gzip(JSON)`.
 *
 * `{"v": 1, "columns": [col, …], "rows": [[row, position, value, …], …]}`, values in the order of `columns`.
 * Compression is the platform's own (browsers, workers and Node have the same streams).
 */

import { type Json, isObject } from './json.ts';

export const SEGMENT_ROWS_MAX = 1_000;
export const SEGMENT_BYTES_MAX = 1_048_576;

export interface SegmentRow {
  readonly row: string;
  readonly position: string;
  readonly values: readonly Json[];
}

export interface Segment {
  readonly columns: readonly string[];
  readonly rows: readonly SegmentRow[];
}

/** The bytes are no segment of format 1. */
export class SegmentMalformed extends Error {
  override readonly name = 'SegmentMalformed';
}

async function pipe(bytes: Uint8Array, through: ReadableWritablePair<Uint8Array, BufferSource>, limit: number): Promise<Uint8Array> {
  const reader = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(through).getReader();
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.byteLength;
    if (length > limit) throw new SegmentMalformed(`a segment holds at most ${limit} bytes`);
    chunks.push(value as Uint8Array<ArrayBuffer>);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

function readRow(row: unknown, width: number): SegmentRow {
  if (!Array.isArray(row) || row.length !== width + 2 || typeof row[0] !== 'string' || typeof row[1] !== 'string') {
    throw new SegmentMalformed('a row is [row, position, value, …] with one value per column');
  }
  return { row: row[0], position: row[1], values: row.slice(2) as Json[] };
}

/** Reads a segment's JSON. Throws `SegmentMalformed` for anything that is not format 1. */
export function parseSegment(text: string): Segment {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new SegmentMalformed('a segment is JSON');
  }
  if (!isObject(parsed) || parsed['v'] !== 1 || !Array.isArray(parsed['columns']) || !Array.isArray(parsed['rows'])) {
    throw new SegmentMalformed('a segment has v 1, columns and rows');
  }
  const columns: unknown[] = parsed['columns'];
  if (!columns.every((column) => typeof column === 'string')) throw new SegmentMalformed('columns are ids');
  if (parsed['rows'].length > SEGMENT_ROWS_MAX) throw new SegmentMalformed(`a segment holds at most ${SEGMENT_ROWS_MAX} rows`);
  return { columns, rows: parsed['rows'].map((row) => readRow(row, columns.length)) };
}

/** Inflates and reads a segment. Throws `SegmentMalformed` for anything that is not format 1. */
export async function decodeSegment(bytes: Uint8Array): Promise<Segment> {
  let inflated: Uint8Array;
  try {
    inflated = await pipe(bytes, new DecompressionStream('gzip') as ReadableWritablePair<Uint8Array, BufferSource>, SEGMENT_BYTES_MAX);
  } catch (error) {
    if (error instanceof SegmentMalformed) throw error;
    throw new SegmentMalformed('a segment is compressed with gzip');
  }
  return parseSegment(new TextDecoder('utf-8', { fatal: false }).decode(inflated));
}

/** Writes a segment: used for test vectors, since only the server stores segments. */
export async function encodeSegment(segment: Segment): Promise<Uint8Array> {
  const rows = segment.rows.map(({ row, position, values }) => [row, position, ...values]);
  const json = new TextEncoder().encode(JSON.stringify({ v: 1, columns: segment.columns, rows }));
  if (json.byteLength > SEGMENT_BYTES_MAX) throw new SegmentMalformed(`a segment holds at most ${SEGMENT_BYTES_MAX} bytes`);
  return pipe(json, new CompressionStream('gzip') as ReadableWritablePair<Uint8Array, BufferSource>, SEGMENT_BYTES_MAX);
}
