/** Edits that are not in the list: where, why, and what was typed, to copy. Nothing typed is silently lost. */

import { Copy } from 'lucide-react';
import type { ReactNode } from 'react';

import { type KeptLine, edits } from './kept-edits.ts';

/** Beyond this many the rest is counted; copying takes all. */
const SHOWN_MAX = 200;

interface RefusedListProps {
  readonly title: string;
  readonly lines: readonly KeptLine[];
  readonly onCopy: (lines: readonly KeptLine[]) => void;
  readonly onCopyValue: (line: KeptLine) => void;
  /** Buttons behind “Copy all”. */
  readonly children?: ReactNode;
}

export function RefusedList({ title, lines, onCopy, onCopyValue, children }: RefusedListProps) {
  return (
    <section data-testid="refused-list" aria-label={title} className="flex min-h-0 flex-col border-line text-left not-first:border-t">
      <header className="flex items-center gap-1 border-b border-line py-1.5 pr-1.5 pl-3">
        <h2 className="mr-auto text-sm font-semibold">{title}</h2>
        <button type="button" className="control" onClick={() => onCopy(lines)}>
          Copy all
        </button>
        {children}
      </header>
      <ul className="overflow-y-auto">
        {lines.slice(0, SHOWN_MAX).map((line) => (
          <li key={line.id} className="flex items-start gap-2 border-b border-line px-3 py-2 last:border-0">
            <div className="min-w-0 flex-1">
              <p className="truncate text-xs text-muted">{line.place}</p>
              {line.typed && <p className="line-clamp-4 text-sm font-medium break-words">{line.typed}</p>}
              <p className="text-xs text-warning">{line.reason}</p>
            </div>
            {line.copied && (
              <button type="button" aria-label={`Copy ${line.copied}`} className="control !px-1.5" onClick={() => onCopyValue(line)}>
                <Copy size={14} />
              </button>
            )}
          </li>
        ))}
        {lines.length > SHOWN_MAX && <li className="px-3 py-2 text-xs text-muted">And {edits(lines.length - SHOWN_MAX)} more. “Copy all” takes every one.</li>}
      </ul>
    </section>
  );
}
