/** Imports over HTTP: what the server says of one, what a person chooses, and the calls. */

import type { ColumnType, Json, JsonObject } from '@rowhouse/sdk';
import { EventSourceParserStream } from 'eventsource-parser/stream';

import { asPerson, call } from '../account/account.ts';
import { type Download, fetchFile } from './files.ts';
import { send } from './http.ts';
import { upload } from './upload.ts';

export type ImportState = 'uploaded' | 'queued' | 'running' | 'done' | 'cancelled' | 'failed';

export interface Import {
  readonly id: string;
  readonly workspace_id: string;
  /** `null`: a new list, which is not made yet. */
  readonly list_id: string | null;
  readonly filename: string;
  readonly size_bytes: number;
  readonly state: ImportState;
  readonly rows_total: number | null;
  readonly rows_read: number;
  readonly rows_created: number;
  readonly rows_updated: number;
  readonly rows_unchanged: number;
  readonly rows_refused: number;
  readonly values_refused: number;
  readonly error: { readonly code: string; readonly detail: string } | null;
}

export const DATE_ORDERS = ['year_first', 'month_first', 'day_first'] as const;
export const DECIMALS = ['point', 'comma'] as const;

export interface ReadingChoice {
  readonly date_order?: (typeof DATE_ORDERS)[number] | null;
  readonly decimal?: (typeof DECIMALS)[number] | null;
}

export interface NewColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly config?: JsonObject;
  readonly options?: readonly JsonObject[];
}

/** The id of a column, a new column, or `null`: left out. */
export type Target = string | NewColumn | null;

export interface ColumnChoice {
  /** The column's place in the file, from 0. */
  readonly source: number;
  readonly target: Target;
  readonly reading?: ReadingChoice | null;
}

export interface Choices {
  readonly sheet?: string | null;
  readonly encoding?: string | null;
  readonly delimiter?: string | null;
  readonly list_name?: string | null;
  readonly columns: readonly ColumnChoice[];
  readonly create_options: boolean;
  readonly create_linked: boolean;
  readonly upsert: { readonly on: readonly number[] } | null;
}

export interface PreviewColumn {
  readonly source: number;
  readonly heading: string;
  readonly type: ColumnType;
  readonly filled: number;
  readonly samples: readonly string[];
  readonly problems: number;
  readonly problem_samples: readonly { readonly row: number; readonly value: string; readonly reason: string }[];
  /** What a person has to choose, since all that was looked at could be read in two ways. */
  readonly doubts: readonly ('date_order' | 'decimal_mark')[];
}

export interface Difference {
  /** Whether all rows were compared, not only those that were looked at. */
  readonly exact: boolean;
  readonly create: number;
  readonly update: number;
  readonly unchanged: number;
  readonly refused: number;
  readonly samples: readonly {
    readonly row: number;
    readonly key: string;
    readonly changes: readonly { readonly column: string; readonly old: Json; readonly new: Json }[];
  }[];
}

export interface Preview {
  readonly choices: Choices;
  readonly sheets: readonly string[];
  /** Sentences about what a person might not expect of the file. */
  readonly notes: readonly string[];
  readonly columns: readonly PreviewColumn[];
  readonly rows: readonly (readonly string[])[];
  readonly rows_sampled: number;
  readonly rows_total: number | null;
  readonly difference: Difference | null;
}

/** Where an import goes: into a list that is there, or into a new one of a workspace. */
export type Destination = { readonly list: string } | { readonly workspace: string };

export function uploadImport(to: Destination, file: File, signal: AbortSignal, onProgress: (share: number) => void): Promise<Import> {
  const path = 'list' in to ? `/api/lists/${to.list}/imports` : `/api/workspaces/${to.workspace}/imports`;
  return asPerson((token) => upload<Import>(path, file, { token, signal, onProgress }));
}

export const getImport = (id: string, signal: AbortSignal): Promise<Import> => call(`/api/imports/${id}`, { signal });

export const previewImport = (id: string, choices: Partial<Choices>, signal: AbortSignal): Promise<Preview> =>
  call(`/api/imports/${id}/preview`, { method: 'POST', body: { choices }, signal });

export const runImport = (id: string, choices: Choices): Promise<Import> => call(`/api/imports/${id}/run`, { method: 'POST', body: { choices } });

export const cancelImport = (id: string): Promise<Import> => call(`/api/imports/${id}/cancel`, { method: 'POST' });

export const fetchReport = ({ id, filename }: Import): Promise<Download> =>
  fetchFile(`/api/imports/${id}/report`, `${filename} - report.csv`, { accept: 'text/csv' });

/** A proxy that holds events back must not hold the page back. */
const SILENCE_MS = 5_000;

/** What the server says of an import at each change. Ends with the server's stream, and after five seconds without an event. */
export async function* streamImport(id: string, signal: AbortSignal): AsyncGenerator<Import> {
  const silent = new AbortController();
  let timer = setTimeout(() => silent.abort(), SILENCE_MS);
  try {
    const ending = AbortSignal.any([signal, silent.signal]);
    const { body } = await asPerson((token) => send(`/api/imports/${id}`, { token, signal: ending, accept: 'text/event-stream' }));
    const reader = body?.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream()).getReader();
    for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
      clearTimeout(timer);
      timer = setTimeout(() => silent.abort(), SILENCE_MS);
      if (next.value.event === 'import') yield JSON.parse(next.value.data);
    }
  } catch (error) {
    if (!silent.signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
    silent.abort();
  }
}
