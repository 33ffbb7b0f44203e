import { expect, test } from 'vitest';

import { type Choice, type Template, type TemplateColumn, deedOf, fateOf, kindOf, linksOf } from '../src/new-list/templates.ts';

const column = (name: string, links_to: string | null = null): TemplateColumn => ({
  name,
  type: links_to ? 'link' : 'multi_select',
  description: 'What it holds.',
  standard: null,
  links_to,
});
const template = (key: string, name: string, ...columns: TemplateColumn[]): Template => ({ key, name, description: 'A list.', columns });

const OWNER = column('Owner', 'owners');
const TEMPLATES = [template('properties', 'Properties', column('View'), OWNER), template('owners', 'Owners', column('Kind')), template('units', 'Units', column('Property', 'properties'))];
const choice = (chosen: string[], ...lists: string[]): Choice => ({
  templates: TEMPLATES,
  chosen: new Set(chosen),
  lists: lists.map((name, index) => ({ id: `list-${index}`, name })),
});

test('[WEB-88] a link leads to what is chosen with it, else to a list of that name, else it is left out', () => {
  expect(fateOf(column('View'), choice([]))).toBeNull();
  expect(fateOf(OWNER, choice(['properties', 'owners'], 'Owners'))).toEqual({ made: true, words: 'leads to Owners' });
  expect(fateOf(OWNER, choice(['properties'], 'Owners'))).toEqual({ made: true, words: 'leads to Owners, which you have' });
  expect(fateOf(OWNER, choice(['properties'], 'owners'))).toEqual({ made: false, words: 'left out: choose Owners too' });
});

test('[WEB-88] only lists that chosen templates lead to are named, the oldest of a name, none that is made anew', () => {
  expect(linksOf(choice(['properties'], 'Leads', 'Owners', 'Owners'))).toEqual({ owners: 'list-1' });
  expect(linksOf(choice(['properties', 'owners'], 'Owners'))).toEqual({});
  expect(linksOf(choice(['owners'], 'Owners', 'Properties'))).toEqual({});
  expect(linksOf(choice(['units', 'properties'], 'Properties'))).toEqual({});
  expect(linksOf(choice([], 'Properties'))).toEqual({});
});

test('[WEB-87] what is chosen and what a column holds is said in words', () => {
  expect([0, 1, 8].map(deedOf)).toEqual(['Choose a template', 'Make 1 list', 'Make 8 lists']);
  expect([kindOf(OWNER), kindOf(column('View')), kindOf({ ...OWNER, type: 'number', links_to: null })]).toEqual(['link', 'several options', 'number']);
});
