/** Chips on the canvas: options, people and linked rows in one renderer. */

import { type CustomCell, type CustomRenderer, GridCellKind, type Theme, getMiddleCenterBias } from '@glideapps/glide-data-grid';

import type { Chip } from '../cells/face.ts';

interface ChipsData {
  readonly kind: 'chips';
  readonly chips: readonly Chip[];
}

export type ChipsCell = CustomCell<ChipsData>;

const HEIGHT_PX = 20;
const GAP_PX = 4;
const PADDING_PX = 8;
const COUNT_WIDTH_PX = 28;
const FONT = '500 12px';

/** Draws chips from the left; those that do not fit are counted (`+2`), a single one is cut with an ellipsis. */
export const chipsRenderer: CustomRenderer<ChipsCell> = {
  kind: GridCellKind.Custom,
  isMatch: (cell): cell is ChipsCell => (cell.data as Partial<ChipsData>).kind === 'chips',
  draw: ({ ctx, rect, theme }, { data }) => {
    const font = `${FONT} ${theme.fontFamily}`;
    ctx.save();
    ctx.font = font;
    const middle = rect.y + rect.height / 2 + getMiddleCenterBias(ctx, font);
    const end = rect.x + rect.width - theme.cellHorizontalPadding;
    let x = rect.x + theme.cellHorizontalPadding;
    for (const [index, chip] of data.chips.entries()) {
      const last = index === data.chips.length - 1;
      const free = end - x - (last ? 0 : COUNT_WIDTH_PX);
      const whole = ctx.measureText(chip.text).width + PADDING_PX * 2;
      if (index > 0 && whole > free) {
        ctx.fillStyle = theme.textMedium;
        ctx.fillText(`+${data.chips.length - index}`, x + GAP_PX, middle);
        break;
      }
      x += drawChip(ctx, chip, { x, y: rect.y + (rect.height - HEIGHT_PX) / 2, width: Math.min(whole, free), middle }, theme) + GAP_PX;
    }
    ctx.restore();
    return true;
  },
};

interface ChipPlace {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly middle: number;
}

function drawChip(ctx: CanvasRenderingContext2D, { text, swatch, round }: Chip, { x, y, width, middle }: ChipPlace, theme: Theme): number {
  ctx.beginPath();
  ctx.roundRect(x, y, Math.max(0, width), HEIGHT_PX, round ? HEIGHT_PX / 2 : 4);
  ctx.fillStyle = swatch?.surface ?? theme.bgBubble;
  ctx.fill();
  ctx.fillStyle = swatch?.ink ?? theme.textBubble;
  ctx.fillText(fit(ctx, text, width - PADDING_PX * 2), x + PADDING_PX, middle);
  return width;
}

function fit(ctx: CanvasRenderingContext2D, text: string, widthPx: number): string {
  if (ctx.measureText(text).width <= widthPx) return text;
  let length = text.length - 1;
  while (length > 0 && ctx.measureText(`${text.slice(0, length)}…`).width > widthPx) length -= 1;
  return `${text.slice(0, length)}…`;
}
