/**
 * Keeps the focus in an open editor until the person leaves it.
 *
 * The grid takes the focus back a frame after a click, or gives it to the cell of its hidden table a moment later, which
 * may be after an editor has been opened; so a blur alone means nothing: pressing outside of the editor does.
 */

import { type FocusEvent, type RefObject, useEffect, useRef } from 'react';

/** Calls `onOutside` when something outside of `box` is pressed. Returns the blur handler for `box`. */
export function useHeldFocus(
  box: RefObject<HTMLElement | null>,
  field: RefObject<HTMLElement | null>,
  onOutside: () => void,
): (event: FocusEvent) => void {
  const latest = useRef(onOutside);
  useEffect(() => {
    latest.current = onOutside;
  });
  useEffect(() => {
    const onPress = ({ target }: PointerEvent): void => {
      if (!box.current?.contains(target as Node)) latest.current();
    };
    document.addEventListener('pointerdown', onPress, true);
    return () => document.removeEventListener('pointerdown', onPress, true);
  }, [box]);
  return ({ relatedTarget }) => {
    if (relatedTarget instanceof Element && relatedTarget.closest('canvas')) field.current?.focus({ preventScroll: true });
  };
}
