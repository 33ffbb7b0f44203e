/**
 * Undo and redo of a person's own steps.
 *
 * 1. A step is undone only where its value still stands: what a colleague wrote later stays.
 * 2. What was typed before its row had been read goes back to what the segments hold, and nowhere while that is unknown.
 * 3. A new step empties the redo stack; the stacks hold at most `STEPS_MAX` steps.
 */

import { type Change, type TrashMark, inverse } from './changes.ts';
import type { ListDocument } from './document.ts';
import { isObject, sameJson } from './json.ts';
import { parseKey } from './keys.ts';

export const STEPS_MAX = 200;

type Reader = Pick<ListDocument, 'at' | 'beneath' | 'isUnread'>;

export class History {
  #undo: Change[][] = [];
  #redo: Change[][] = [];

  get canUndo(): boolean {
    return this.#undo.length > 0;
  }

  get canRedo(): boolean {
    return this.#redo.length > 0;
  }

  /** Takes note of a step that the person is about to make. */
  push(step: readonly Change[], document: Reader): void {
    if (step.length === 0) return;
    const noted = step.map((change) => (document.isUnread(change.key) ? { ...change, unread: true } : change));
    this.#undo = [...this.#undo, noted].slice(-STEPS_MAX);
    this.#redo = [];
  }

  /** Returns the changes that undo the last step that still stands; empty when there is none. */
  undo(document: Reader, mark: TrashMark): Change[] {
    return this.#step(this.#undo, this.#redo, document, mark);
  }

  /** Returns the changes that redo what was undone last; empty when there is nothing. */
  redo(document: Reader, mark: TrashMark): Change[] {
    return this.#step(this.#redo, this.#undo, document, mark);
  }

  #step(from: Change[][], to: Change[][], document: Reader, mark: TrashMark): Change[] {
    for (let step = from.pop(); step; step = from.pop()) {
      const back = inverse(known(document, step), mark).filter((change) => stands(document, change));
      if (back.length === 0) continue;
      to.push(back);
      return back;
    }
    return [];
  }
}

/** Rule 2. */
function known(document: Reader, step: readonly Change[]): Change[] {
  return step.flatMap((change) => {
    if (!change.unread) return [change];
    const before = document.beneath(change.key);
    return before === undefined ? [] : [{ key: change.key, value: change.value, before }];
  });
}

/** Rule 1; trash marks are alike whoever set them and whenever. */
function stands(document: Reader, { key, before }: Change): boolean {
  const now = document.at(key);
  return parseKey(key)?.kind === 'trash' ? isObject(now) === isObject(before) : sameJson(now, before);
}
