/** What becomes of templates that are chosen together: which lists they make, and where their links lead. */

import type { ColumnType } from '@rowhouse/sdk';

import type { ListSummary } from '../api/queries.ts';

export interface TemplateColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly description: string;
  readonly standard: string | null;
  readonly links_to: string | null;
}

export interface Template {
  readonly key: string;
  readonly name: string;
  readonly description: string;
  readonly columns: readonly TemplateColumn[];
}

export interface Choice {
  readonly templates: readonly Template[];
  readonly chosen: ReadonlySet<string>;
  readonly lists: readonly ListSummary[];
}

const KINDS: Partial<Record<ColumnType, string>> = {
  long_text: 'long text',
  select: 'one option',
  multi_select: 'several options',
  checkbox: 'tick',
  datetime: 'date and time',
  email: 'e-mail',
  url: 'web page',
  user: 'colleague',
  users: 'colleagues',
};

/** Says a column's type in words. */
export function kindOf({ type, links_to }: TemplateColumn): string {
  return links_to ? 'link' : (KINDS[type] ?? type);
}

function needed({ templates, chosen }: Choice): ReadonlySet<string> {
  const columns = templates.filter(({ key }) => chosen.has(key)).flatMap((template) => template.columns);
  return new Set(columns.flatMap(({ links_to }) => (links_to && !chosen.has(links_to) ? [links_to] : [])));
}

/** The workspace's lists that stand for templates which are not chosen: by the template's name, the oldest first. */
export function linksOf(choice: Choice): Readonly<Record<string, string>> {
  const links: Record<string, string> = {};
  for (const key of needed(choice)) {
    const name = choice.templates.find((template) => template.key === key)?.name;
    const found = choice.lists.find((list) => list.name === name);
    if (found) links[key] = found.id;
  }
  return links;
}

/** Says where a link column will lead, or why it is left out; nothing for other columns. */
export function fateOf({ links_to }: TemplateColumn, choice: Choice): { readonly made: boolean; readonly words: string } | null {
  if (links_to === null) return null;
  const name = choice.templates.find(({ key }) => key === links_to)?.name ?? links_to;
  if (choice.chosen.has(links_to)) return { made: true, words: `leads to ${name}` };
  if (choice.lists.some((list) => list.name === name)) return { made: true, words: `leads to ${name}, which you have` };
  return { made: false, words: `left out: choose ${name} too` };
}

/** Says what pressing the button makes. */
export function deedOf(chosen: number): string {
  return chosen === 0 ? 'Choose a template' : chosen === 1 ? 'Make 1 list' : `Make ${chosen} lists`;
}
