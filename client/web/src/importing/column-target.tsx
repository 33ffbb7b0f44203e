/** Where a column of the file goes: a column of the list, a new one, or nowhere; and how its texts are read. */

import type { ColumnChoice, NewColumn, PreviewColumn, Target } from '../api/imports.ts';
import type { ListSummary } from '../api/queries.ts';
import { TYPE_WORDS } from '../cells/type-words.ts';
import { ListChoice, ReadingChoice } from './choices.tsx';
import { IMPORTABLE_TYPES, type TargetColumn, isNew, newColumn, readingOf, typeOf } from './mapping.ts';
import { Select } from './parts.tsx';

/** What may be chosen. */
export interface Places {
  /** Columns of the list, for any of which this may be the target. */
  readonly columns: readonly TargetColumn[];
  readonly mayAdd: boolean;
  /** The lists that a new link may lead to. */
  readonly lists: readonly ListSummary[];
}

interface ColumnTargetProps {
  readonly column: PreviewColumn;
  readonly choice: ColumnChoice;
  readonly places: Places;
  readonly onTarget: (target: Target) => void;
  readonly onChoice: (choice: ColumnChoice) => void;
}

const LEFT_OUT = '';
const NEW = 'new';

export function ColumnTarget({ column, choice, places, onTarget, onChoice }: ColumnTargetProps) {
  const { target } = choice;
  const { columns, mayAdd } = places;
  const value = target === null ? LEFT_OUT : isNew(target) ? NEW : target;
  const known = value === LEFT_OUT || value === NEW || columns.some(({ id }) => id === value);
  const to = (next: string): void => onTarget(next === LEFT_OUT ? null : next === NEW ? newColumn(column) : next);
  return (
    <div className="grid min-w-0 grid-cols-1 content-start gap-2 @md:grid-cols-2">
      <div className={isNew(target) ? '' : '@md:col-span-2'}>
        <Select label="Goes to" value={value} onChange={to}>
          <option value={LEFT_OUT}>Leave out</option>
          {mayAdd && <option value={NEW}>New column</option>}
          {columns.length > 0 && (
            <optgroup label="Columns of the list">
              {columns.map(({ id, name, type }) => (
                <option key={id} value={id}>
                  {name} ({TYPE_WORDS[type]})
                </option>
              ))}
            </optgroup>
          )}
          {!known && <option value={value}>A column that is not there any more</option>}
        </Select>
      </div>
      {isNew(target) && <NewColumnFields target={target} lists={places.lists} onTarget={onTarget} />}
      <ReadAs choice={choice} columns={columns} onChoice={onChoice} />
      <Doubt column={column} choice={choice} columns={columns} />
    </div>
  );
}

interface NewColumnFieldsProps {
  readonly target: NewColumn;
  readonly lists: readonly ListSummary[];
  readonly onTarget: (target: Target) => void;
}

function NewColumnFields({ target, lists, onTarget }: NewColumnFieldsProps) {
  const linked = target.config?.['list'];
  return (
    <>
      <Select label="Type" value={target.type} onChange={(type) => onTarget({ name: target.name, type: type as NewColumn['type'] })}>
        {IMPORTABLE_TYPES.map((type) => (
          <option key={type} value={type}>
            {TYPE_WORDS[type]}
          </option>
        ))}
      </Select>
      <label className="block min-w-0">
        <span className="mb-1 block text-xs text-muted">Name</span>
        <input
          className="field !h-8 !px-2 !text-sm"
          value={target.name}
          aria-invalid={target.name.trim() === ''}
          onChange={(event) => onTarget({ ...target, name: event.target.value })}
        />
      </label>
      {target.type === 'link' && (
        <ListChoice lists={lists} value={typeof linked === 'string' ? linked : ''} onChoose={(list) => onTarget({ ...target, config: { list } })} />
      )}
    </>
  );
}

/** Said where everything that was looked at could be read in two ways. */
function Doubt({ column: { doubts }, choice, columns }: Pick<ColumnTargetProps, 'column' | 'choice'> & { readonly columns: readonly TargetColumn[] }) {
  const kind = readingOf(typeOf(choice.target, columns));
  const doubt = kind === 'date_order' ? doubts.includes('date_order') : kind === 'decimal' && doubts.includes('decimal_mark');
  if (!doubt) return null;
  return (
    <p className="text-xs text-warning @md:col-span-2">
      {kind === 'date_order' ? 'These dates could be read in more than one order. Check that this is the right one.' : 'These numbers could be read with either mark. Check that this is the right one.'}
    </p>
  );
}

function ReadAs({ choice, columns, onChoice }: Pick<ColumnTargetProps, 'choice' | 'onChoice'> & { readonly columns: readonly TargetColumn[] }) {
  const kind = readingOf(typeOf(choice.target, columns));
  if (kind === null) return null;
  const said = choice.reading?.[kind] ?? (kind === 'decimal' ? 'point' : '');
  return <ReadingChoice kind={kind} value={said} onChoose={(value) => onChoice({ ...choice, reading: { ...choice.reading, [kind]: value } })} />;
}
