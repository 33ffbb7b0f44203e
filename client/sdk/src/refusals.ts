/**
 * The edits that a person made and that are not in the list: refused by the server, or cut short by the page.
 *
 * 1. Each is kept with what was typed until the person dismisses it; one and the same cell may stand here twice.
 * 2. A refusal shows once the old values are back: the server tells it before it puts them back.
 * 3. What the person has copied, or dismissed, would not be missed; anything else that was typed would be.
 */

import type { Json } from './json.ts';
import { parseKey } from './keys.ts';
import type { Refusal } from './session-ports.ts';

/** More than a person can paste at once; beyond it the oldest go. */
const KEPT_MAX = 100_000;

/** An edit with the reason for which it is not in the list. */
export type Kept = Pick<Refusal, 'key' | 'reason' | 'value'>;

/** Tells whether an edit holds something that a person would have to type again. */
export function isTyped({ key, value }: { readonly key: string; readonly value: Json | undefined }): boolean {
  const kind = parseKey(key)?.kind;
  return value !== undefined && value !== null && kind !== 'row' && kind !== 'trash';
}

export class Refusals {
  readonly #changed: () => void;
  #list: readonly Refusal[] = [];
  #count = 0;
  #held: readonly Kept[] = [];
  #copied: ReadonlySet<string> = new Set();

  /** `changed` is called after every change. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** The refusals, oldest first; replaced when they change, never changed in place. */
  get list(): readonly Refusal[] {
    return this.#list;
  }

  /** Takes refused edits in; they show with `release`. */
  hold(edits: readonly Kept[]): void {
    this.#held = [...this.#held, ...edits];
  }

  /** Shows what is held. */
  release(): void {
    if (this.#held.length === 0) return;
    const added = this.#held.map(({ key, reason, value }) => ({ id: `refusal-${(this.#count += 1)}`, key, reason, value }));
    this.#list = [...this.#list, ...added].slice(-KEPT_MAX);
    this.#held = [];
    this.#changed();
  }

  /** Keeps what a person was typing when the page had to stop them. */
  keep(edit: Kept): void {
    this.hold([edit]);
    this.release();
  }

  /** Forgets all refusals and returns them, for `restore`. */
  dismiss(): readonly Refusal[] {
    const dismissed = this.#list;
    this.#list = [];
    this.#changed();
    return dismissed;
  }

  /** Takes dismissed refusals back, before those that have come since. */
  restore(dismissed: readonly Refusal[]): void {
    this.#list = [...dismissed, ...this.#list];
    this.#changed();
  }

  /** Says that the person has copied edits, by their ids. */
  copied(ids: Iterable<string>): void {
    this.#copied = new Set([...this.#copied, ...ids]);
    this.#changed();
  }

  /** How many of `edits` would be missed if the page closed now. */
  missed(edits: readonly Refusal[]): number {
    return edits.filter((edit) => isTyped(edit) && !this.#copied.has(edit.id)).length;
  }
}
