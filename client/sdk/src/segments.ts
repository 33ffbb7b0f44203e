/**
 * Segments: immutable blocks of up to 1,000 rows in a list document, `gzip(JSON)`.
 *
 * `{"v": 1, "columns": [col, …], "rows": [[row, position, value, …], …]}`, values in the order of `columns`. Reading is
 * total, never inflates more than the limit, and takes and refuses what the server's reader (`snapshots/segments.py`) does:
 * the vectors in `tests/vectors` hold both to it. zlib's port tells where a member ends and whether its checksum holds;
 * the platform's streams do not everywhere, and are slower for blocks of this size.
 */

import { Inflate, gzip } from 'pako';

import { type Json, isObject } from './json.ts';

export const SEGMENT_ROWS_MAX = 1_000;
export const SEGMENT_BYTES_MAX = 1_048_576;
/** Arrays and objects within each other, the segment's own three included. */
const DEPTH_MAX = 1_024;
const GZIP_ONLY = 31;
const CHUNK_BYTES = 262_144;
const GZIP_SYSTEM_AT = 9;
const GZIP_SYSTEM_UNKNOWN = 255;

const ID = /^[A-Za-z0-9_-]{10,22}$/;
const POSITION = /^[A-Za-z][A-Za-z0-9]{0,255}$/;
const POSITION_BELOW_ALL = `A${'0'.repeat(26)}`;
/** The escape of half a pair; well-formed UTF-8 holds none unescaped. */
const SURROGATE_ESCAPE = /\\u[dD][89a-fA-F]/;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** A row as it stands in a segment: `[row, position, value, …]`. */
export type SegmentRow = readonly [row: string, position: string, ...values: Json[]];

export interface Segment {
  readonly columns: readonly string[];
  readonly rows: readonly SegmentRow[];
}

/** The bytes are no segment of format 1. */
export class SegmentMalformed extends Error {
  override readonly name = 'SegmentMalformed';
}

class Inflation extends Inflate {
  #length = 0;
  #stream: Parameters<Inflate['onStart']>[0] | null = null;

  /** How many bytes the last member of what was pushed takes. */
  get memberBytes(): number {
    return this.#stream?.total_in ?? 0;
  }

  override onStart(stream: Parameters<Inflate['onStart']>[0]): void {
    this.#stream = stream;
  }

  override onData(chunk: Uint8Array<ArrayBuffer>): void {
    this.#length += chunk.length;
    if (this.#length > SEGMENT_BYTES_MAX) throw new SegmentMalformed('more than 1 MiB before compression');
    super.onData(chunk);
  }
}

function inflate(bytes: Uint8Array): Uint8Array {
  const inflation = new Inflation({ windowBits: GZIP_ONLY, chunkSize: CHUNK_BYTES });
  if (!inflation.push(bytes, true)) throw new SegmentMalformed('not gzip');
  if (inflation.memberBytes !== bytes.length) throw new SegmentMalformed('not one whole gzip member');
  return inflation.result;
}

/** Parses JSON as the server's parser does: finite numbers, whole characters, bounded nesting. */
function parse(bytes: Uint8Array): unknown {
  let text: string;
  let said: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    said = JSON.parse(text);
  } catch {
    throw new SegmentMalformed('not JSON');
  }
  if (!isSound(said, SURROGATE_ESCAPE.test(text), 0)) throw new SegmentMalformed('JSON that not every reader takes');
  return said;
}

function isSound(value: unknown, escaped: boolean, depth: number): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value === 'string') return !escaped || !LONE_SURROGATE.test(value);
  if (typeof value !== 'object' || value === null) return true;
  if (depth >= DEPTH_MAX) return false;
  if (Array.isArray(value)) return value.every((item) => isSound(item, escaped, depth + 1));
  return Object.entries(value).every(([name, item]) => isSound(name, escaped, depth) && isSound(item, escaped, depth + 1));
}

function areDistinctIds(ids: readonly unknown[]): ids is string[] {
  return ids.every((id) => typeof id === 'string' && ID.test(id)) && new Set(ids).size === ids.length;
}

/** Tells whether a text can stand as a position: a key of fractional indexing, as `is_position` of the server says. */
export function isPosition(value: unknown): value is string {
  if (typeof value !== 'string' || !POSITION.test(value) || value === POSITION_BELOW_ALL) return false;
  const head = value.charCodeAt(0);
  const whole = head >= 97 ? head - 97 + 2 : 90 - head + 2;
  return value.length === whole || (value.length > whole && !value.endsWith('0'));
}

/** Reads a segment. Throws `SegmentMalformed` for anything but format 1 within its limits. */
export function decodeSegment(bytes: Uint8Array): Segment {
  const said = parse(inflate(bytes));
  if (!isObject(said) || said['v'] !== 1) throw new SegmentMalformed('not an object with v 1, columns and rows');
  const { columns, rows } = said;
  if (!Array.isArray(columns) || !areDistinctIds(columns)) throw new SegmentMalformed('columns are distinct ids');
  const width = columns.length + 2;
  if (!Array.isArray(rows) || rows.length > SEGMENT_ROWS_MAX || !rows.every((row) => Array.isArray(row) && row.length === width)) {
    throw new SegmentMalformed('rows are at most 1,000 arrays with one value per column');
  }
  if (!areDistinctIds(rows.map(([row]) => row)) || !rows.every((row) => isPosition(row[1]))) {
    throw new SegmentMalformed('a row begins with its own id and a position');
  }
  return { columns, rows: rows as SegmentRow[] };
}

/**
 * Writes a segment; only the server stores segments: this is for programs that make list documents themselves.
 *
 * Throws `SegmentMalformed` for what the reader would refuse.
 */
export function encodeSegment({ columns, rows }: Segment): Uint8Array {
  const packed = gzip(new TextEncoder().encode(JSON.stringify({ v: 1, columns, rows })));
  packed[GZIP_SYSTEM_AT] = GZIP_SYSTEM_UNKNOWN;
  decodeSegment(packed);
  return packed;
}
