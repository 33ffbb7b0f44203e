/** Which column of a file goes where: changes of the choices, and what keeps an import from beginning. Pure. */

import { type ColumnType, type Role, allows, isComputed } from '@rowhouse/sdk';

import type { ColumnChoice, Choices, NewColumn, Preview, PreviewColumn, Target } from '../api/imports.ts';

export interface TargetColumn {
  readonly id: string;
  readonly name: string;
  readonly type: ColumnType;
  readonly locked: boolean;
}

/** Types that a text in a file can become. */
export const IMPORTABLE_TYPES: readonly ColumnType[] = [
  'text', 'long_text', 'number', 'percent', 'currency', 'rating', 'duration', 'checkbox', 'date', 'datetime', 'select', 'multi_select',
  'email', 'phone', 'url', 'user', 'users', 'link',
];
const NUMBERS: ReadonlySet<ColumnType> = new Set(['number', 'percent', 'currency', 'rating', 'duration']);
const DATES: ReadonlySet<ColumnType> = new Set(['date', 'datetime']);

/** The columns of a list that a role may import into. */
export function importable(columns: readonly TargetColumn[], role: Role): readonly TargetColumn[] {
  const locked = allows(role, 'locked_columns.edit');
  return columns.filter(({ type, locked: isLocked }) => IMPORTABLE_TYPES.includes(type) && !isComputed(type) && (locked || !isLocked));
}

/** What the server guessed, with what the person has chosen instead. */
export function chosen(preview: Preview, draft: Partial<Choices>): Choices {
  return { ...preview.choices, ...draft };
}

/**
 * What of the choices the server can look at while they are being made: no key yet is no update, a new column without
 * a name, or a link without a list, is left out.
 */
export function askable({ columns, upsert, list_name: name, ...draft }: Partial<Choices>): Partial<Choices> {
  return {
    ...draft,
    ...(name?.trim() ? { list_name: name } : {}),
    ...(upsert ? { upsert: upsert.on.length > 0 ? upsert : null } : {}),
    ...(columns ? { columns: columns.map((each) => (isUnfinished(each.target) ? { ...each, target: null } : each)) } : {}),
  };
}

function isUnfinished(target: Target): boolean {
  return isNew(target) && (target.name.trim() === '' || (target.type === 'link' && typeof target.config?.['list'] !== 'string'));
}

/** A table of other columns needs other targets: those are guessed anew. */
export function readAs(draft: Partial<Choices>, change: Pick<Choices, 'sheet' | 'encoding' | 'delimiter'>): Partial<Choices> {
  const { columns: _columns, upsert: _upsert, ...rest } = draft;
  return { ...rest, ...change };
}

export function withColumn({ columns }: Choices, column: ColumnChoice): Partial<Choices> {
  return { columns: columns.map((each) => (each.source === column.source ? column : each)) };
}

/** Gives a column another target. One that is left out is no key any more. */
export function withTarget(choices: Choices, source: number, target: Target): Partial<Choices> {
  const changed = withColumn(choices, { ...choices.columns.find((each) => each.source === source), source, target });
  const on = choices.upsert?.on.filter((key) => key !== source);
  return target === null && on && on.length < (choices.upsert?.on.length ?? 0) ? { ...changed, upsert: { on } } : changed;
}

/** Updates rows by key columns, or adds every row of the file. */
export function withKey({ upsert }: Choices, source: number, isKey: boolean): Partial<Choices> {
  const others = upsert?.on.filter((key) => key !== source) ?? [];
  return { upsert: { on: isKey ? [...others, source].toSorted((left, right) => left - right) : others } };
}

export function isNew(target: Target): target is NewColumn {
  return target !== null && typeof target === 'object';
}

/** The type of the column that a target is; `null` where nothing is taken. */
export function typeOf(target: Target, columns: readonly TargetColumn[]): ColumnType | null {
  if (target === null) return null;
  return isNew(target) ? target.type : (columns.find(({ id }) => id === target)?.type ?? null);
}

/** Which of its readings a text may have that goes into a column of a type. */
export function readingOf(type: ColumnType | null): 'date_order' | 'decimal' | null {
  if (type === null) return null;
  return DATES.has(type) ? 'date_order' : NUMBERS.has(type) ? 'decimal' : null;
}

/** Whether any column of the choices goes into one of these types. */
export function goesInto({ columns: choices }: Choices, types: readonly ColumnType[], columns: readonly TargetColumn[]): boolean {
  return choices.some(({ target }) => types.includes(typeOf(target, columns) ?? 'formula'));
}

/** A new column for one of the file: named and typed as the file suggests. */
export function newColumn({ heading, type }: PreviewColumn): NewColumn {
  return { name: heading, type: IMPORTABLE_TYPES.includes(type) ? type : 'text' };
}

function twice(names: readonly string[]): string | undefined {
  const folded = names.map((name) => name.trim().toLowerCase());
  return names.find((_, index) => folded.indexOf(folded[index] ?? '') !== index);
}

/** Sentences about what must be put right before the import can begin. */
export function faults(choices: Choices, preview: Preview, columns: readonly TargetColumn[], newList: boolean): readonly string[] {
  const heading = (source: number): string => preview.columns.find((column) => column.source === source)?.heading ?? `Column ${source + 1}`;
  const taken = choices.columns.filter(({ target }) => target !== null);
  const made = taken.flatMap(({ target }) => (isNew(target) ? [target.name] : []));
  const nameless = taken.find(({ target }) => isNew(target) && target.name.trim() === '');
  const unlinked = taken.find(({ target }) => isNew(target) && target.type === 'link' && typeof target.config?.['list'] !== 'string');
  const named = twice([...columns.map(({ name }) => name), ...made.filter((name) => name.trim() !== '')]);
  const ids = taken.flatMap(({ target }) => (typeof target === 'string' ? [target] : []));
  const shared = ids.find((id, index) => ids.indexOf(id) !== index);
  const found: (string | false | undefined)[] = [
    newList && !choices.list_name?.trim() && 'Give the new list a name.',
    taken.length === 0 && 'Every column is left out. Choose where at least one of them goes.',
    shared !== undefined && `Two columns go into “${columns.find(({ id }) => id === shared)?.name ?? shared}”. Leave one of them out.`,
    nameless && `Give the new column for “${heading(nameless.source)}” a name.`,
    named !== undefined && `There would be two columns called “${named}”. Rename one, or choose the column that is there.`,
    unlinked && `Choose the list that “${heading(unlinked.source)}” links to.`,
    choices.upsert?.on.length === 0 && 'Choose at least one column by which rows are found, or add every row.',
  ];
  return found.filter((sentence) => typeof sentence === 'string');
}
