/**
 * Pasting into the grid, from the paste event itself.
 *
 * The grid component would ask the browser for the clipboard, which some browsers answer with a question to the
 * person, and all of them later than the next key.
 */

import { type RefObject, useEffect, useRef } from 'react';

import { parseTsv } from '../cells/tsv.ts';

/** Calls `onPaste` with rows of texts when something is pasted while the focus is inside of the returned frame. */
export function usePaste(onPaste: (texts: readonly (readonly string[])[]) => void): RefObject<HTMLDivElement | null> {
  const frame = useRef<HTMLDivElement>(null);
  const latest = useRef(onPaste);
  useEffect(() => {
    latest.current = onPaste;
  });
  useEffect(() => {
    const listen = (event: ClipboardEvent): void => {
      const text = event.clipboardData?.getData('text/plain') ?? '';
      const { activeElement } = document;
      if (text === '' || !frame.current?.contains(activeElement) || activeElement instanceof HTMLInputElement || activeElement instanceof HTMLTextAreaElement) return;
      event.preventDefault();
      latest.current(parseTsv(text));
    };
    globalThis.addEventListener('paste', listen);
    return () => globalThis.removeEventListener('paste', listen);
  }, []);
  return frame;
}
