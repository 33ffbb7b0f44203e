/**
 * Dragging rows by their markers, beyond what the grid does itself: knowing the order in which a row was taken, and
 * scrolling while it is held at the upper or lower edge.
 */

import type { Rows } from '@rowhouse/sdk';
import { type PointerEvent as ReactPointerEvent, useCallback, useEffect, useRef } from 'react';

const EDGE_PX = 40;
const SPEED_MAX_PX = 48;
/** The grid takes a held pointer into account when it moves: inside of it, so that there is a row below. */
const INSIDE_PX = 4;

interface Held {
  readonly scroller: Element;
  readonly top: number;
  readonly x: number;
  y: number;
}

export interface RowDrag {
  /** The order in which the rows stood when the pointer went down. */
  readonly seen: () => Rows;
  readonly onPointerDown: (event: ReactPointerEvent) => void;
}

/** `headerPx` and `markerPx` are the height of the header and the width of the markers. */
export function useRowDrag(rows: Rows, headerPx: number, markerPx: number): RowDrag {
  const taken = useRef(rows);
  const held = useRef<Held | null>(null);
  const frame = useRef(0);

  const scroll = useCallback(() => {
    const { current } = held;
    if (current === null) return;
    const { scroller, top, x, y } = current;
    const bottom = scroller.getBoundingClientRect().bottom;
    const speed = y < top + EDGE_PX ? y - top - EDGE_PX : Math.max(0, y - bottom + EDGE_PX);
    const before = scroller.scrollTop;
    if (speed !== 0) scroller.scrollTop += Math.max(-SPEED_MAX_PX, Math.min(SPEED_MAX_PX, speed));
    if (scroller.scrollTop !== before) {
      const clientY = Math.max(top + INSIDE_PX, Math.min(y, bottom - INSIDE_PX));
      scroller.dispatchEvent(new PointerEvent('pointermove', { clientX: x, clientY, buttons: 1, bubbles: true }));
    }
    frame.current = requestAnimationFrame(scroll);
  }, []);

  useEffect(() => {
    const follow = (event: PointerEvent): void => {
      if (held.current && event.isTrusted) held.current.y = event.clientY;
    };
    const end = (): void => {
      held.current = null;
      cancelAnimationFrame(frame.current);
    };
    globalThis.addEventListener('pointermove', follow);
    for (const name of ['pointerup', 'pointercancel', 'blur']) globalThis.addEventListener(name, end);
    return () => {
      end();
      globalThis.removeEventListener('pointermove', follow);
      for (const name of ['pointerup', 'pointercancel', 'blur']) globalThis.removeEventListener(name, end);
    };
  }, []);

  const onPointerDown = ({ target, button, clientX, clientY }: ReactPointerEvent): void => {
    const scroller = target instanceof Element ? target.closest('.dvn-scroller') : null;
    if (!scroller || button !== 0) return;
    const { left, top } = scroller.getBoundingClientRect();
    if (clientX > left + markerPx || clientY < top + headerPx) return;
    taken.current = rows;
    held.current = { scroller, top: top + headerPx, x: clientX, y: clientY };
    frame.current = requestAnimationFrame(scroll);
  };
  return { seen: () => taken.current, onPointerDown };
}
