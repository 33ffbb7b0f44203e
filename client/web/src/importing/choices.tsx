/** Choices that imports and conversions share: how texts are read, and the list that a link leads to. */

import { DATE_ORDERS, DECIMALS } from '../api/imports.ts';
import type { ListSummary } from '../api/queries.ts';
import { Select } from './parts.tsx';
import { DECIMAL_WORDS, ORDER_WORDS } from './words.ts';

interface ReadingChoiceProps {
  /** What may be read in more than one way. */
  readonly kind: 'decimal' | 'date_order';
  /** What is chosen; empty where nothing is. */
  readonly value: string;
  readonly onChoose: (value: string) => void;
}

export function ReadingChoice({ kind, value, onChoose }: ReadingChoiceProps) {
  const options = kind === 'date_order' ? DATE_ORDERS.map((order) => [order, ORDER_WORDS[order]]) : DECIMALS.map((mark) => [mark, DECIMAL_WORDS[mark]]);
  return (
    <Select label={kind === 'date_order' ? 'Dates are written' : 'Decimal mark'} value={value} onChange={onChoose}>
      {value === '' && (
        <option value="" disabled>
          Choose
        </option>
      )}
      {options.map(([said, words]) => (
        <option key={said} value={said}>
          {words}
        </option>
      ))}
    </Select>
  );
}

interface ListChoiceProps {
  readonly lists: readonly ListSummary[];
  readonly value: string;
  readonly onChoose: (list: string) => void;
}

export function ListChoice({ lists, value, onChoose }: ListChoiceProps) {
  return (
    <Select label="Links to" value={value} onChange={onChoose}>
      <option value="" disabled>
        Choose a list
      </option>
      {lists.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </Select>
  );
}
