/** Where an editor stands on the page, and what closing it means. */

import type { Column, Json } from '@rowhouse/sdk';

export interface Bounds {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where the selection goes after an edit. */
export type Leave = 'stay' | 'down' | 'up' | 'right' | 'left';

/** What stands in an editor: a value of the column, or a text that does not fit it. */
export interface Typed {
  readonly value: Json;
  readonly fits: boolean;
}

export interface EditorProps {
  readonly column: Column;
  readonly value: Json;
  readonly bounds: Bounds;
  /** The typed character that opened the editor and replaces the value; `null` = keep the value. */
  readonly initial: string | null;
  /** Writes a value; the editor stays open. */
  readonly onWrite: (value: Json) => void;
  readonly onClose: (leave: Leave) => void;
  /** Takes what was typed when the editor goes without having been closed. */
  readonly onCut: (typed: Typed) => void;
}

/** Says where Enter and Tab lead; `null` for other keys. */
export function leaveOf({ key, shiftKey }: { readonly key: string; readonly shiftKey: boolean }): Leave | null {
  if (key === 'Tab') return shiftKey ? 'left' : 'right';
  if (key === 'Enter') return shiftKey ? 'up' : 'down';
  return null;
}
