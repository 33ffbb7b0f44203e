/** Conversions and their undoing, with the notices that tell what came of them. They come wherever the person has gone meanwhile. */

import { toast } from 'sonner';

import { type ColumnPlace, type ConversionChoice, convertColumn, fetchLosses, undoConversion } from '../api/conversions.ts';
import { save } from '../api/files.ts';
import { convertedWords, troubleWords, undoneWords } from './words.ts';

const NOTICE_MS = 30_000;

type RowName = (row: string) => string | null;

function failed(title: string, error: unknown, id?: string | number): void {
  toast.error(title, { ...(id !== undefined && { id }), description: troubleWords(error as Error), duration: NOTICE_MS });
}

/** Gives a column another type. Throws what the call throws. */
export async function convert(place: ColumnPlace, choice: ConversionChoice, rowName: RowName): Promise<void> {
  const answer = await convertColumn(place, choice);
  const now = { list: place.list, column: answer.column.id };
  const { title, description } = convertedWords(answer);
  toast.success(title, {
    description,
    duration: NOTICE_MS,
    action: { label: 'Undo', onClick: () => void undo(now, rowName) },
    ...(answer.lost > 0 && { cancel: { label: 'Report', onClick: () => void download(now, answer.column.name) } }),
  });
}

/** Puts the old column back, and tells what was edited or imported in the other one since. */
export async function undo(place: ColumnPlace, rowName: RowName): Promise<void> {
  const id = toast.loading('Undoing the change of type…');
  try {
    const answer = await undoConversion(place);
    const { title, description } = undoneWords(answer, rowName);
    const hidden = answer.edited_since + answer.imported_since > 0;
    const copy = { label: 'Copy', onClick: () => void navigator.clipboard.writeText(description) };
    toast.success(title, { id, description, duration: hidden ? Infinity : NOTICE_MS, ...(hidden && { action: copy }), closeButton: true });
  } catch (error) {
    failed('The change of type was not undone', error, id);
  }
}

/** Downloads what did not convert. */
export async function download(place: ColumnPlace, name: string): Promise<void> {
  try {
    save(await fetchLosses(place, name));
  } catch (error) {
    failed('The report could not be downloaded', error);
  }
}
