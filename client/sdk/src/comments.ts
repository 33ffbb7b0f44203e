/**
 * Comments in a list document: `<comment>` is written once, `<comment>:body`, `:resolved` and `:deleted` lie over it.
 *
 * The server checks that `author` and `by` are the writer's own; what it refuses is taken back like any edit.
 */

import type * as Y from 'yjs';

import type { TrashMark } from './changes.ts';
import { LOCAL } from './document.ts';
import { type Json, type JsonObject, isObject } from './json.ts';

/** A comment on a row, on one of its cells (`column`), or in answer to another (`parent`). */
export interface Comment {
  readonly id: string;
  readonly row: string;
  readonly column: string | null;
  readonly parent: string | null;
  readonly author: string;
  readonly at: string;
  readonly body: string;
  readonly mentions: readonly string[];
  readonly resolved: TrashMark | null;
  readonly deleted: TrashMark | null;
}

export type NewComment = Pick<Comment, 'row' | 'author' | 'at' | 'body'> &
  Partial<Pick<Comment, 'column' | 'parent' | 'mentions'>>;

const root = (doc: Y.Doc): Y.Map<Json> => doc.getMap('comments');

/** Reads one comment; `null` where there is none. */
export function readComment(doc: Y.Doc, id: string): Comment | null {
  const written = root(doc).get(id);
  if (!isObject(written)) return null;
  const body = root(doc).get(`${id}:body`);
  return {
    id,
    row: text(written, 'row') ?? '',
    column: text(written, 'column'),
    parent: text(written, 'parent'),
    author: text(written, 'author') ?? '',
    at: text(written, 'at') ?? '',
    body: typeof body === 'string' ? body : (text(written, 'body') ?? ''),
    mentions: Array.isArray(written['mentions']) ? written['mentions'].filter((item) => typeof item === 'string') : [],
    resolved: signature(root(doc).get(`${id}:resolved`)),
    deleted: signature(root(doc).get(`${id}:deleted`)),
  };
}

/** Reads all comments, deleted ones too, oldest first. */
export function readComments(doc: Y.Doc): Comment[] {
  const ids = [...root(doc).keys()].filter((key) => !key.includes(':'));
  const comments = ids.map((id) => readComment(doc, id)).filter((comment) => comment !== null);
  return comments.toSorted((left, right) => (`${left.at} ${left.id}` < `${right.at} ${right.id}` ? -1 : 1));
}

/** Writes a new comment. */
export function addComment(doc: Y.Doc, id: string, { row, column, parent, author, at, body, mentions }: NewComment): void {
  const written: JsonObject = {
    row,
    author,
    at,
    body,
    mentions: mentions ?? [],
    ...(column ? { column } : {}),
    ...(parent ? { parent } : {}),
  };
  put(doc, id, written);
}

/** Replaces a comment's text. */
export const editComment = (doc: Y.Doc, id: string, body: string): void => put(doc, `${id}:body`, body);

/** Resolves a thread, or opens it again (`null`). */
export const resolveComment = (doc: Y.Doc, id: string, mark: TrashMark | null): void =>
  put(doc, `${id}:resolved`, mark === null ? null : { ...mark });

/** Deletes a comment. */
export const deleteComment = (doc: Y.Doc, id: string, mark: TrashMark): void => put(doc, `${id}:deleted`, { ...mark });

function put(doc: Y.Doc, key: string, value: Json): void {
  doc.transact(() => void root(doc).set(key, value), LOCAL);
}

function text(value: JsonObject, name: string): string | null {
  const found = value[name];
  return typeof found === 'string' ? found : null;
}

function signature(value: Json | undefined): TrashMark | null {
  if (!isObject(value)) return null;
  const [by, at] = [text(value, 'by'), text(value, 'at')];
  return by === null || at === null ? null : { by, at };
}
