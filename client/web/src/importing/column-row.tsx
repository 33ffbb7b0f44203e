/** One column of the file: what stands in it, where it goes, and what of it will not convert. */

import { TriangleAlert } from 'lucide-react';
import { useId } from 'react';

import type { ColumnChoice, PreviewColumn, Target } from '../api/imports.ts';
import { TYPE_WORDS } from '../cells/type-words.ts';
import { ColumnTarget, type Places } from './column-target.tsx';

interface ColumnRowProps {
  readonly column: PreviewColumn;
  readonly choice: ColumnChoice;
  readonly places: Places;
  /** Whether the problems are those of the choice on screen. */
  readonly current: boolean;
  readonly onTarget: (target: Target) => void;
  readonly onChoice: (choice: ColumnChoice) => void;
}

export function ColumnRow({ column, choice, places, current, onTarget, onChoice }: ColumnRowProps) {
  const id = useId();
  const { heading, samples, type, filled } = column;
  return (
    <li role="group" aria-labelledby={id} className="grid gap-x-6 gap-y-3 border-b border-line px-3 py-3 last:border-0 @2xl:grid-cols-2">
      <div className="min-w-0">
        <h4 id={id} className={`truncate text-sm font-semibold ${choice.target === null ? 'text-muted' : ''}`}>
          {heading}
        </h4>
        <p className="truncate text-sm text-muted" title={samples.join('\n')}>
          {samples.length > 0 ? samples.join(' · ') : 'No values'}
        </p>
        {filled > 0 && <p className="text-xs text-muted">Looks like: {TYPE_WORDS[type] ?? 'Text'}</p>}
      </div>
      <ColumnTarget column={column} choice={choice} places={places} onTarget={onTarget} onChoice={onChoice} />
      {choice.target !== null && column.problems > 0 && (
        <div className={`@2xl:col-span-2 ${current ? '' : 'opacity-50'}`}>
          <Problems column={column} />
        </div>
      )}
    </li>
  );
}

/** What will not convert; nothing is dropped silently. */
function Problems({ column: { heading, problems, filled, problem_samples: samples } }: { readonly column: PreviewColumn }) {
  return (
    <details className="rounded-control bg-warning-tint px-3 py-1.5 text-sm">
      <summary className="text-warning">
        <TriangleAlert size={14} aria-hidden className="mr-1.5 inline align-[-2px]" />
        {problems.toLocaleString()} of {filled.toLocaleString()} values will not convert
      </summary>
      <table aria-label={`Values of ${heading} that will not convert`} className="mt-1 w-full table-fixed text-left text-xs">
        <thead className="text-muted">
          <tr>
            <th className="w-16 py-0.5 font-medium">Row</th>
            <th className="w-2/5 py-0.5 font-medium">Value</th>
            <th className="py-0.5 font-medium">Reason</th>
          </tr>
        </thead>
        <tbody>
          {samples.map(({ row, value, reason }) => (
            <tr key={`${row}-${value}`} className="align-top">
              <td className="numbers py-0.5">{row.toLocaleString()}</td>
              <td className="py-0.5 pr-2 break-words">{value}</td>
              <td className="py-0.5">{reason}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
