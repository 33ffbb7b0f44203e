/** Column widths that a person has set, per list, kept in this browser. */

import type { Column, ColumnType } from '@rowhouse/sdk';
import { create } from 'zustand';
import { persist } from 'zustand/middleware';

const WIDTH_PX = 150;
const WIDTHS_PX: Partial<Record<ColumnType, number>> = {
  long_text: 240,
  number: 104,
  percent: 96,
  currency: 120,
  checkbox: 96,
  date: 120,
  datetime: 170,
  select: 130,
  multi_select: 180,
  users: 200,
  email: 210,
  url: 200,
  link: 200,
};
const PRIMARY_WIDTH_PX = 210;

interface WidthState {
  readonly widths: Readonly<Record<string, number>>;
  readonly resize: (column: string, widthPx: number) => void;
}

export const useWidths = create<WidthState>()(
  persist(
    (set) => ({
      widths: {},
      resize: (column, widthPx) => set(({ widths }) => ({ widths: { ...widths, [column]: Math.round(widthPx) } })),
    }),
    { name: 'rowhouse.widths' },
  ),
);

/** Returns a column's width: the person's, else one that suits its type. */
export function widthOf(column: Column, primary: boolean, widths: Readonly<Record<string, number>>): number {
  return widths[column.id] ?? (primary ? PRIMARY_WIDTH_PX : (WIDTHS_PX[column.type] ?? WIDTH_PX));
}
