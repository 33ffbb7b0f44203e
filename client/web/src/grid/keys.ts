/** What a key means on the grid while no editor is open: one table, no state. */

export interface Key {
  readonly key: string;
  readonly ctrl: boolean;
  readonly meta: boolean;
  readonly shift: boolean;
  readonly alt: boolean;
}

export type Command =
  /** Open the cell's editor; `initial` replaces what the cell holds, `null` keeps it. */
  | { readonly kind: 'edit'; readonly initial: string | null }
  | { readonly kind: 'insert'; readonly where: 'above' | 'below' }
  | { readonly kind: 'trash' | 'undo' | 'redo' | 'clear-selection' }
  | { readonly kind: 'move'; readonly step: 1 | -1 }
  /** Move the selected rows up or down. */
  | { readonly kind: 'carry'; readonly step: 1 | -1 }
  /** Open the menu of the selected cell's column. */
  | { readonly kind: 'column-menu' }
  /** A key that does nothing here and must not reach the grid's own handling. */
  | { readonly kind: 'none' };

const MOD_KEYS: Readonly<Record<string, Command>> = {
  z: { kind: 'undo' },
  'shift+z': { kind: 'redo' },
  y: { kind: 'redo' },
  delete: { kind: 'trash' },
  backspace: { kind: 'trash' },
  'shift+enter': { kind: 'insert', where: 'above' },
};

const PLAIN_KEYS: Readonly<Record<string, Command>> = {
  Enter: { kind: 'edit', initial: null },
  F2: { kind: 'edit', initial: null },
  'shift+Enter': { kind: 'insert', where: 'below' },
  Tab: { kind: 'move', step: 1 },
  'shift+Tab': { kind: 'move', step: -1 },
  Escape: { kind: 'clear-selection' },
  ' ': { kind: 'none' },
};

const ALT_KEYS: Readonly<Record<string, Command>> = {
  'shift+ArrowUp': { kind: 'carry', step: -1 },
  'shift+ArrowDown': { kind: 'carry', step: 1 },
  ArrowDown: { kind: 'column-menu' },
};

const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{S}\p{P}]$/u;

/** Returns the command of a key, or `null` where the grid's own handling is right (arrows, copy, …). */
export function commandOf({ key, ctrl, meta, shift, alt }: Key): Command | null {
  if (ctrl || meta) {
    if (alt) return null;
    return MOD_KEYS[`${shift ? 'shift+' : ''}${key.toLowerCase()}`] ?? null;
  }
  const other = alt ? ALT_KEYS[`${shift ? 'shift+' : ''}${key}`] : undefined;
  if (other) return other;
  const plain = PLAIN_KEYS[`${shift ? 'shift+' : ''}${key}`];
  if (plain) return shift && key === ' ' ? null : plain;
  return PRINTABLE.test(key) ? { kind: 'edit', initial: key } : null;
}
