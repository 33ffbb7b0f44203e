/** Giving a column another type over HTTP: what the server says of it, and the calls. */

import type { ColumnType, JsonObject } from '@rowhouse/sdk';

import { call } from '../account/account.ts';
import { type Download, fetchFile } from './files.ts';
import type { DATE_ORDERS, DECIMALS } from './imports.ts';

/** How texts are meant that could mean two things. */
export interface ConversionReading {
  readonly date_order: (typeof DATE_ORDERS)[number] | null;
  readonly decimal: (typeof DECIMALS)[number];
  readonly percent_points: boolean;
  readonly separator: string;
  readonly region: string;
}

/** The type that a column is to have. Without a reading the server finds the one that suits its values best. */
export interface ConversionChoice {
  readonly type: ColumnType;
  readonly config: JsonObject;
  readonly reading?: ConversionReading;
}

export interface Counts {
  readonly filled: number;
  readonly converted: number;
  readonly lost: number;
}

export interface ConversionPreview extends Counts {
  /** Some of the values that do not convert. */
  readonly samples: readonly { readonly row: string; readonly value: string; readonly reason: string }[];
  readonly new_options: readonly string[];
  readonly reading: ConversionReading;
}

export interface Converted extends Counts {
  readonly column: { readonly id: string; readonly name: string; readonly type: ColumnType };
}

export interface Undone {
  readonly column: { readonly id: string; readonly name: string; readonly type: ColumnType };
  /** How many rows were edited in the other column since. */
  readonly edited_since: number;
  /** How many others were imported with a value in it since. */
  readonly imported_since: number;
  /** What some of them held there. */
  readonly samples: readonly { readonly row: string; readonly value: string }[];
}

/** A column of a list. */
export interface ColumnPlace {
  readonly list: string;
  readonly column: string;
}

const path = ({ list, column }: ColumnPlace): string => `/api/lists/${list}/columns/${column}/conversion`;

export const previewConversion = (place: ColumnPlace, choice: ConversionChoice, signal: AbortSignal): Promise<ConversionPreview> =>
  call(`${path(place)}/preview`, { method: 'POST', body: choice, signal });

export const convertColumn = (place: ColumnPlace, choice: ConversionChoice): Promise<Converted> => call(path(place), { method: 'POST', body: choice });

export const undoConversion = (place: ColumnPlace): Promise<Undone> => call(`${path(place)}/undo`, { method: 'POST' });

/** What did not convert when this column took the place of another. */
export const fetchLosses = (place: ColumnPlace, name: string): Promise<Download> =>
  fetchFile(`${path(place)}/report`, `${name} - not converted.csv`, { accept: 'text/csv' });
