/** Edits that were not accepted: where, why, and what was typed, to copy. Nothing typed is silently lost. */

import { type Column, type Json, type Refusal, parseKey } from '@rowhouse/sdk';
import { Copy } from 'lucide-react';
import { toast } from 'sonner';

import { displayText, editText } from '../cells/format.ts';
import type { Names } from '../cells/names.ts';

const REASONS: Readonly<Record<string, string>> = {
  role: 'Your role may read this list but not change it.',
  locked_column: 'The column is locked. An admin can unlock it.',
  unknown_row: 'The row does not exist any more.',
  unknown_column: 'The column was deleted.',
  computed_column: 'The column is computed and cannot be edited.',
  invalid_value: 'The value does not fit the column.',
  not_author: 'Only its author may change this.',
  rate: 'Too many edits at once. Try again in a moment.',
  malformed: 'The server could not read this edit. Type it again.',
};

interface RefusedListProps {
  readonly refusals: readonly Refusal[];
  readonly columns: readonly Column[];
  readonly names: Names;
  /** The name of a row of this list. */
  readonly rowName: (row: string) => string;
  readonly onDismiss: () => void;
}

export interface RefusedLine {
  readonly place: string;
  readonly reason: string;
  readonly typed: string;
  readonly copied: string;
}

/** Says a refusal in the person's words. */
export function refusedLine({ key, reason, value }: Refusal, columns: readonly Column[], names: Names, rowName: (row: string) => string): RefusedLine {
  const sentence = REASONS[reason] ?? `It was not accepted (${reason}).`;
  const place = parseKey(key);
  if (place === null) return { place: 'Edit', reason: sentence, typed: '', copied: '' };
  if (place.kind === 'row') return { place: 'New row', reason: sentence, typed: '', copied: '' };
  if (place.kind === 'trash') return { place: rowName(place.row), reason: sentence, typed: value === null ? 'Restore' : 'Trash', copied: '' };
  const column = columns.find(({ id }) => id === place.column);
  const where = `${rowName(place.row)} · ${column?.name ?? 'deleted column'}`;
  if (!column) return { place: where, reason: sentence, typed: plain(value), copied: plain(value) };
  const shown: Json = place.kind === 'element' ? [place.element] : (value ?? null);
  const copied = value === undefined ? '' : editText(column, shown, names);
  const verb = place.kind !== 'element' ? '' : value === true ? 'Add ' : 'Remove ';
  const typed = value === undefined ? '' : value === null ? '(cleared)' : `${verb}${displayText(column, shown, names)}`;
  return { place: where, reason: sentence, typed, copied };
}

function plain(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? '');
}

async function copy(text: string): Promise<void> {
  await navigator.clipboard.writeText(text);
  toast('Copied');
}

export function RefusedList({ refusals, columns, names, rowName, onDismiss }: RefusedListProps) {
  const lines = refusals.map((refusal) => refusedLine(refusal, columns, names, rowName));
  return (
    <section data-testid="refused-list" aria-label="Refused edits" className="flex max-h-[60vh] flex-col">
      <header className="flex items-center gap-1 border-b border-line py-1.5 pr-1.5 pl-3">
        <h2 className="mr-auto text-sm font-semibold">Refused edits</h2>
        <button type="button" className="control" onClick={() => void copy(lines.map(({ copied }) => copied).filter(Boolean).join('\n'))}>
          Copy all
        </button>
        <button type="button" className="control" onClick={onDismiss}>
          Dismiss
        </button>
      </header>
      <ul className="overflow-y-auto">
        {lines.map((line, index) => (
          <li key={`${refusals[index]?.key}:${index}`} className="flex items-start gap-2 border-b border-line px-3 py-2 last:border-0">
            <div className="min-w-0 flex-1">
              <p className="truncate text-xs text-muted">{line.place}</p>
              {line.typed && <p className="text-sm font-medium break-words">{line.typed}</p>}
              <p className="text-xs text-warning">{line.reason}</p>
            </div>
            {line.copied && (
              <button type="button" aria-label={`Copy ${line.copied}`} className="control !px-1.5" onClick={() => void copy(line.copied)}>
                <Copy size={14} />
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
