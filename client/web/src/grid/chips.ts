/** Chips on the canvas: options, people and linked rows in one renderer. */

import { type CustomCell, type CustomRenderer, GridCellKind, getMiddleCenterBias } from '@glideapps/glide-data-grid';

import type { Chip } from '../cells/face.ts';

interface ChipsData {
  readonly kind: 'chips';
  readonly chips: readonly Chip[];
}

export type ChipsCell = CustomCell<ChipsData>;

const HEIGHT_PX = 20;
const GAP_PX = 4;
const PADDING_PX = 8;
const FONT = '500 12px';

/** Draws chips from the left until the cell is full; the last one that fits in part is cut with an ellipsis. */
export const chipsRenderer: CustomRenderer<ChipsCell> = {
  kind: GridCellKind.Custom,
  isMatch: (cell): cell is ChipsCell => (cell.data as Partial<ChipsData>).kind === 'chips',
  draw: ({ ctx, rect, theme }, { data }) => {
    ctx.save();
    ctx.font = `${FONT} ${theme.fontFamily}`;
    const bias = getMiddleCenterBias(ctx, `${FONT} ${theme.fontFamily}`);
    const end = rect.x + rect.width - theme.cellHorizontalPadding;
    const y = rect.y + (rect.height - HEIGHT_PX) / 2;
    let x = rect.x + theme.cellHorizontalPadding;
    for (const { text, swatch, round } of data.chips) {
      if (end - x < PADDING_PX * 3) break;
      const label = fit(ctx, text, end - x - PADDING_PX * 2);
      const width = ctx.measureText(label).width + PADDING_PX * 2;
      ctx.beginPath();
      ctx.roundRect(x, y, width, HEIGHT_PX, round ? HEIGHT_PX / 2 : 4);
      ctx.fillStyle = swatch?.surface ?? theme.bgBubble;
      ctx.fill();
      ctx.fillStyle = swatch?.ink ?? theme.textBubble;
      ctx.fillText(label, x + PADDING_PX, y + HEIGHT_PX / 2 + bias);
      x += width + GAP_PX;
    }
    ctx.restore();
    return true;
  },
};

function fit(ctx: CanvasRenderingContext2D, text: string, widthPx: number): string {
  if (ctx.measureText(text).width <= widthPx) return text;
  let length = text.length - 1;
  while (length > 0 && ctx.measureText(`${text.slice(0, length)}…`).width > widthPx) length -= 1;
  return `${text.slice(0, length)}…`;
}
