/**
 * Undo and redo of a person's own steps.
 *
 * 1. A step is undone only where its value still stands: what a colleague wrote later stays.
 * 2. A new step empties the redo stack; the stacks hold at most `STEPS_MAX` steps.
 */

import { type Change, type TrashMark, inverse } from './changes.ts';
import type { ListDocument } from './document.ts';
import { isObject, sameJson } from './json.ts';
import { parseKey } from './keys.ts';

export const STEPS_MAX = 200;

type Reader = Pick<ListDocument, 'at'>;

export class History {
  #undo: Change[][] = [];
  #redo: Change[][] = [];

  get canUndo(): boolean {
    return this.#undo.length > 0;
  }

  get canRedo(): boolean {
    return this.#redo.length > 0;
  }

  /** Takes note of a step that the person made. */
  push(step: readonly Change[]): void {
    if (step.length === 0) return;
    this.#undo = [...this.#undo, [...step]].slice(-STEPS_MAX);
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
      const back = inverse(step, mark).filter((change) => stands(document, change));
      if (back.length === 0) continue;
      to.push(back);
      return back;
    }
    return [];
  }
}

/** Rule 1; trash marks are alike whoever set them and whenever. */
function stands(document: Reader, { key, before }: Change): boolean {
  const now = document.at(key);
  return parseKey(key)?.kind === 'trash' ? isObject(now) === isObject(before) : sameJson(now, before);
}
