/** What an import that updates rows would change, before it does. */

import type { Difference } from '../api/imports.ts';
import { differenceWords, valueWords } from './words.ts';

interface DifferenceViewProps {
  readonly difference: Difference;
  /** How many rows were looked at. */
  readonly sampled: number;
  readonly current: boolean;
}

export function DifferenceView({ difference, sampled, current }: DifferenceViewProps) {
  return (
    <section aria-label="Difference" aria-busy={!current} className={`space-y-2 ${current ? '' : 'opacity-50'}`}>
      <h3 className="text-base font-semibold">What will change</h3>
      <p data-testid="import-difference" className="numbers text-sm">
        {differenceWords(difference, sampled)}
      </p>
      {difference.samples.length > 0 && (
        <ul className="rounded-panel border border-line text-sm">
          {difference.samples.map(({ row, key, changes }) => (
            <li key={row} className="border-b border-line px-3 py-2 last:border-0">
              <p className="truncate font-medium">
                {key} <span className="numbers font-normal text-muted">row {row.toLocaleString()}</span>
              </p>
              <ul>
                {changes.map(({ column, old, new: next }) => (
                  <li key={column} className="break-words">
                    <span className="text-muted">{column}: </span>
                    <del className="text-muted">{valueWords(old)}</del> <span aria-hidden>→</span> <ins className="no-underline">{valueWords(next)}</ins>
                  </li>
                ))}
              </ul>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
