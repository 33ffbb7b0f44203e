/** What a list can be exported as, and the sentences about it. Pure. */

import { type Role, allows } from '@rowhouse/sdk';

export type Format = 'csv' | 'xlsx' | 'json' | 'parquet';

export const FORMATS: readonly { readonly format: Format; readonly label: string; readonly hint: string }[] = [
  { format: 'csv', label: 'CSV', hint: 'any program' },
  { format: 'xlsx', label: 'Excel', hint: 'spreadsheets' },
  { format: 'json', label: 'JSON lines', hint: 'scripts' },
  { format: 'parquet', label: 'Parquet', hint: 'data tools' },
];

export const labelOf = (format: Format): string => FORMATS.find((one) => one.format === format)?.label ?? format;

/** Tells whether somebody may export; `switchedOn`: the workspace lets its members. */
export function mayExport(role: Role | null, switchedOn: boolean): boolean {
  return role !== null && allows(role, 'export', { switchedOn });
}
