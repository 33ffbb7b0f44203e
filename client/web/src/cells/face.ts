/** What a cell shows, whatever draws it: a text, a tick, or chips. Pure. */

import { type Column, type Json } from '@rowhouse/sdk';

import { type Mode, type Swatch, optionSwatch, personChipSwatch } from '../look/palette.ts';
import { displayText, isNumeric, isReference, referenceName, references } from './format.ts';
import type { Names } from './names.ts';

export interface Chip {
  readonly text: string;
  /** `null` = the neutral chip of a linked row. */
  readonly swatch: Swatch | null;
  readonly round: boolean;
}

export type Face =
  | { readonly kind: 'text'; readonly text: string; readonly align: 'left' | 'right'; readonly link: boolean }
  | { readonly kind: 'tick'; readonly ticked: boolean }
  | { readonly kind: 'chips'; readonly chips: readonly Chip[] };

function chip(column: Column, id: string, names: Names, mode: Mode): Chip {
  const text = referenceName(column, id, names);
  if (column.type === 'link') return { text, swatch: null, round: false };
  if (column.type === 'select' || column.type === 'multi_select') {
    const option = column.options.find((candidate) => candidate.id === id);
    return { text, swatch: optionSwatch(mode, option?.colour ?? null, id), round: false };
  }
  return { text, swatch: personChipSwatch(mode, names.people.get(id)?.hue ?? 0), round: true };
}

/** Says what a cell shows. */
export function faceOf(column: Column, value: Json, names: Names, mode: Mode): Face {
  if (isReference(column)) return { kind: 'chips', chips: references(column, value).map((id) => chip(column, id, names, mode)) };
  if (column.type === 'checkbox') return { kind: 'tick', ticked: value === true };
  const text = displayText(column, value, names);
  return { kind: 'text', text, align: isNumeric(column) ? 'right' : 'left', link: ['email', 'url', 'phone'].includes(column.type) };
}

/** Returns up to two initials of a name, for an avatar. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => [...(word ?? '')][0] ?? '');
  return letters.join('').toUpperCase() || '?';
}
