/**
 * The keys of a generation map, format 1: what each key of an overlay speaks about.
 *
 * `r:<row>` a row's position, `c:<row>:<column>` a cell, `e:<row>:<column>:<element>` one element of a
 * set-valued cell, `t:<row>` a row in the trash. Ids never hold a colon, so splitting is exact.
 */

export type Place =
  | { readonly kind: 'row'; readonly row: string }
  | { readonly kind: 'cell'; readonly row: string; readonly column: string }
  | { readonly kind: 'element'; readonly row: string; readonly column: string; readonly element: string }
  | { readonly kind: 'trash'; readonly row: string };

export const rowKey = (row: string): string => `r:${row}`;
export const cellKey = (row: string, column: string): string => `c:${row}:${column}`;
export const elementKey = (row: string, column: string, element: string): string => `e:${row}:${column}:${element}`;
export const trashKey = (row: string): string => `t:${row}`;

/** Reads a generation's key; `null` when it has no form of format 1 (a newer writer's: ignored by readers). */
export function parseKey(key: string): Place | null {
  const [kind, row, column, element, ...rest] = key.split(':');
  if (!row || rest.length > 0) return null;
  if (kind === 'r' && column === undefined) return { kind: 'row', row };
  if (kind === 't' && column === undefined) return { kind: 'trash', row };
  if (kind === 'c' && column && element === undefined) return { kind: 'cell', row, column };
  if (kind === 'e' && column && element) return { kind: 'element', row, column, element };
  return null;
}
