/**
 * Texts and values packed into a few buffers: what a block of rows is made of. A buffer costs the garbage collector nothing,
 * moves from one thread to another without being copied, and a value is made from it when somebody asks.
 */

import type { Json } from './json.ts';

/** Texts one after another in UTF-8; `ends[i]` is where text i ends. */
export interface PackedTexts {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly ends: Uint32Array<ArrayBuffer>;
}

/** The values of one column, in the form that takes least: numbers (`NaN` = empty), few distinct values by code, or JSON texts. */
export type PackedColumn =
  | { readonly kind: 'numbers'; readonly numbers: Float64Array<ArrayBuffer> }
  | { readonly kind: 'codes'; readonly codes: Uint8Array<ArrayBuffer>; readonly values: readonly Json[] }
  | { readonly kind: 'texts'; readonly texts: PackedTexts };

const CODES_MAX = 64;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

export function packTexts(texts: readonly string[]): PackedTexts {
  const joined = texts.join('');
  const bytes = encoder.encode(joined);
  const ends = new Uint32Array(texts.length);
  const ascii = bytes.length === joined.length;
  let end = 0;
  for (let index = 0; index < texts.length; index += 1) {
    const text = texts[index] ?? '';
    end += ascii ? text.length : utf8Length(text);
    ends[index] = end;
  }
  return { bytes, ends };
}

function utf8Length(text: string): number {
  let length = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    // A pair of surrogates takes four bytes, two for each.
    length += unit < 0x80 ? 1 : unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 2 : 3;
  }
  return length;
}

/** Returns text `index`; empty where there is none. */
export function textAt({ bytes, ends }: PackedTexts, index: number): string {
  return decoder.decode(bytes.subarray(index === 0 ? 0 : ends[index - 1], ends[index] ?? 0));
}

/** Compares two texts by bytes, which for ASCII is the order of code units; negative = the first comes first. */
export function compareTexts(left: PackedTexts, index: number, right: PackedTexts, other: number): number {
  const [some, rest] = [left.bytes, right.bytes];
  let at = index === 0 ? 0 : (left.ends[index - 1] ?? 0);
  let from = other === 0 ? 0 : (right.ends[other - 1] ?? 0);
  const end = left.ends[index] ?? 0;
  const until = right.ends[other] ?? 0;
  while (at < end && from < until) {
    const difference = (some[at] ?? 0) - (rest[from] ?? 0);
    if (difference !== 0) return difference;
    at += 1;
    from += 1;
  }
  return end - at - (until - from);
}

/** Tells whether text `index` is `text`, which is ASCII. */
export function isTextAt({ bytes, ends }: PackedTexts, index: number, text: string): boolean {
  const start = index === 0 ? 0 : (ends[index - 1] ?? 0);
  if ((ends[index] ?? 0) - start !== text.length) return false;
  for (let at = 0; at < text.length; at += 1) if (bytes[start + at] !== text.charCodeAt(at)) return false;
  return true;
}

/** Packs the values of a column. */
export function packColumn(values: readonly Json[]): PackedColumn {
  if (values.every((value) => typeof value === 'number' || value === null)) {
    return { kind: 'numbers', numbers: Float64Array.from(values, (value) => (typeof value === 'number' ? value : NaN)) };
  }
  return packCodes(values) ?? { kind: 'texts', texts: packTexts(values.map((value) => (value === null ? '' : JSON.stringify(value)))) };
}

/** `null` where there are too many distinct values. */
function packCodes(values: readonly Json[]): PackedColumn | null {
  const [plain, nested]: [Map<Json, number>, Map<string, number>] = [new Map(), new Map()];
  const distinct: Json[] = [];
  const codes = new Uint8Array(values.length);
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? null;
    const [known, key]: [Map<Json, number>, Json] = typeof value === 'object' && value !== null ? [nested as Map<Json, number>, JSON.stringify(value)] : [plain, value];
    let code = known.get(key);
    if (code === undefined) {
      if (distinct.length === CODES_MAX) return null;
      known.set(key, (code = distinct.length));
      distinct.push(value);
    }
    codes[index] = code;
  }
  return { kind: 'codes', codes, values: distinct };
}

/** Returns value `index` of a column. */
export function valueAt(column: PackedColumn, index: number): Json {
  switch (column.kind) {
    case 'numbers': {
      const number = column.numbers[index] ?? NaN;
      return Number.isNaN(number) ? null : number;
    }
    case 'codes':
      return column.values[column.codes[index] ?? 0] ?? null;
    case 'texts': {
      const text = textAt(column.texts, index);
      return text === '' ? null : (JSON.parse(text) as Json);
    }
  }
}
