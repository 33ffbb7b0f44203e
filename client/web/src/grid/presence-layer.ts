/** Colleagues on the grid: a tinted outline around their cell and a name tag that fades. */

import type { DrawCellCallback, Highlight } from '@glideapps/glide-data-grid';
import type { Column, ListDocument, Peer } from '@rowhouse/sdk';

import { type Mode, personSwatch } from '../look/palette.ts';

const TAG_HEIGHT_PX = 15;
const TAG_PADDING_PX = 4;
const TAG_SHOWN_MS = 2_000;

/** A colleague whose cell is among the rows and columns shown. */
export interface Guest {
  readonly name: string;
  readonly hue: number;
  readonly editing: boolean;
  readonly column: number;
  readonly row: number;
  /** When they moved last (milliseconds of `performance.now`). */
  readonly movedAt: number;
}

/** Remembers when each colleague moved last, so that a tag can fade. */
export class Movements {
  readonly #last = new Map<number, { readonly place: string; readonly at: number }>();

  /** Returns since when `client` has been at `place`. */
  since(client: number, place: string, now: number): number {
    const known = this.#last.get(client);
    if (known?.place === place) return known.at;
    this.#last.set(client, { place, at: now });
    return now;
  }
}

/** Places colleagues on the grid; those elsewhere are left out. */
export function guestsOf(
  peers: readonly Peer[],
  rows: ListDocument['rows'],
  columns: readonly Column[],
  movements: Movements,
  now: number,
): Guest[] {
  const guests: Guest[] = [];
  for (const { client, user, cursor } of peers) {
    if (!cursor) continue;
    const column = columns.findIndex(({ id }) => id === cursor.column);
    const row = rows.indexOf(cursor.row);
    if (column < 0 || row < 0) continue;
    const movedAt = movements.since(client, `${cursor.row}:${cursor.column}:${cursor.editing}`, now);
    guests.push({ name: user.name, hue: user.hue, editing: cursor.editing, column, row, movedAt });
  }
  return guests;
}

/** Outlines for the grid, one per colleague. */
export function regionsOf(guests: readonly Guest[], mode: Mode): readonly Highlight[] {
  return guests.map(({ column, row, hue }) => ({
    color: `${personSwatch(mode, hue).surface}26`,
    range: { x: column, y: row, width: 1, height: 1 },
    style: 'no-outline',
  }));
}

/** How long until the next tag has to go, in milliseconds; `null` when none is shown. */
export function nextFadeMs(guests: readonly Guest[], now: number): number | null {
  const left = guests.filter(({ editing }) => !editing).map(({ movedAt }) => movedAt + TAG_SHOWN_MS - now).filter((ms) => ms > 0);
  return left.length > 0 ? Math.min(...left) : null;
}

/** Draws colleagues' outlines and tags over the cells. `guests` and `now` are asked for at each draw. */
export function drawGuests(guests: () => readonly Guest[], now: () => number, mode: Mode): DrawCellCallback {
  return ({ ctx, rect, col, row, theme }, drawContent) => {
    drawContent();
    for (const guest of guests()) {
      if (guest.column !== col || guest.row !== row) continue;
      const swatch = personSwatch(mode, guest.hue);
      ctx.save();
      ctx.strokeStyle = swatch.surface;
      ctx.lineWidth = 2;
      ctx.strokeRect(rect.x + 1, rect.y + 1, rect.width - 2, rect.height - 2);
      if (guest.editing || now() - guest.movedAt < TAG_SHOWN_MS) drawTag(ctx, guest, rect, swatch, theme.fontFamily);
      ctx.restore();
    }
  };
}

function drawTag(
  ctx: CanvasRenderingContext2D,
  { name, editing }: Guest,
  rect: { readonly x: number; readonly y: number; readonly width: number },
  swatch: { readonly surface: string; readonly ink: string },
  font: string,
): void {
  ctx.font = `600 10px ${font}`;
  const label = `${name.split(/\s+/)[0] ?? ''}${editing ? ' ✎' : ''}`;
  const width = Math.min(rect.width, ctx.measureText(label).width + TAG_PADDING_PX * 2);
  const x = rect.x + rect.width - width;
  ctx.beginPath();
  ctx.roundRect(x, rect.y, width, TAG_HEIGHT_PX, [0, 0, 0, 4]);
  ctx.fillStyle = swatch.surface;
  ctx.fill();
  ctx.clip();
  ctx.fillStyle = swatch.ink;
  ctx.textBaseline = 'middle';
  ctx.fillText(label, x + TAG_PADDING_PX, rect.y + TAG_HEIGHT_PX / 2 + 0.5);
}
