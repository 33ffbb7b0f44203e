/** Views in a list document: `<view>:<attribute>`, each attribute JSON of its own. */

import type * as Y from 'yjs';

import { LOCAL } from './document.ts';
import type { Json } from './json.ts';

export const VIEW_ATTRIBUTES = ['name', 'kind', 'filter', 'sort', 'group', 'hidden', 'widths', 'frozen', 'locked', 'owner'] as const;

export type ViewAttribute = (typeof VIEW_ATTRIBUTES)[number];

/** A view: what is set of it. With an `owner` it is that person's alone. */
export type View = { readonly id: string } & { readonly [Attribute in ViewAttribute]?: Json };

const root = (doc: Y.Doc): Y.Map<Json> => doc.getMap('views');

/** Reads all views, by id; attributes that this version does not know are left out. */
export function readViews(doc: Y.Doc): View[] {
  const views = new Map<string, View>();
  for (const [key, value] of root(doc).entries()) {
    const [id = '', attribute = ''] = key.split(':');
    if (isAttribute(attribute)) views.set(id, { ...(views.get(id) ?? { id }), [attribute]: value });
  }
  return [...views.values()].toSorted((left, right) => (left.id < right.id ? -1 : 1));
}

/** Sets attributes of a view, together. */
export function setView(doc: Y.Doc, id: string, attributes: { readonly [Attribute in ViewAttribute]?: Json }): void {
  doc.transact(() => {
    for (const [attribute, value] of Object.entries(attributes)) root(doc).set(`${id}:${attribute}`, value);
  }, LOCAL);
}

/** Takes a view out of the document. */
export function deleteView(doc: Y.Doc, id: string): void {
  doc.transact(() => {
    for (const attribute of VIEW_ATTRIBUTES) root(doc).delete(`${id}:${attribute}`);
  }, LOCAL);
}

function isAttribute(name: string): name is ViewAttribute {
  return (VIEW_ATTRIBUTES as readonly string[]).includes(name);
}
