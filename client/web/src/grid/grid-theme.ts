/** The grid's colours and type, from the same designs as the page's tokens, as hex for the canvas. */

import type { Theme } from '@glideapps/glide-data-grid';

import { type Mode, oklch } from '../look/palette.ts';

const BLUE_GREY = 250;
const TEAL = 195;

function make(mode: Mode): Partial<Theme> {
  const light = mode === 'light';
  const page = light ? oklch(0.997, 0.001, BLUE_GREY) : oklch(0.17, 0.006, BLUE_GREY);
  const panel = light ? oklch(0.97, 0.004, BLUE_GREY) : oklch(0.2, 0.008, BLUE_GREY);
  const hover = light ? oklch(0.94, 0.006, BLUE_GREY) : oklch(0.25, 0.01, BLUE_GREY);
  const line = light ? oklch(0.91, 0.006, BLUE_GREY) : oklch(0.28, 0.01, BLUE_GREY);
  const ink = light ? oklch(0.22, 0.012, BLUE_GREY) : oklch(0.93, 0.006, BLUE_GREY);
  const muted = light ? oklch(0.5, 0.012, BLUE_GREY) : oklch(0.65, 0.012, BLUE_GREY);
  const accent = light ? oklch(0.52, 0.1, TEAL) : oklch(0.72, 0.11, TEAL);
  return {
    accentColor: accent,
    accentFg: light ? '#ffffff' : page,
    accentLight: `${accent}1f`,
    textDark: ink,
    textMedium: muted,
    textLight: muted,
    textBubble: ink,
    bgIconHeader: muted,
    fgIconHeader: panel,
    textHeader: muted,
    textHeaderSelected: ink,
    bgCell: page,
    bgCellMedium: panel,
    bgHeader: panel,
    bgHeaderHasFocus: hover,
    bgHeaderHovered: hover,
    bgBubble: hover,
    bgBubbleSelected: hover,
    borderColor: line,
    horizontalBorderColor: line,
    drilldownBorder: line,
    linkColor: accent,
    resizeIndicatorColor: accent,
    cellHorizontalPadding: 8,
    cellVerticalPadding: 3,
    headerFontStyle: '500 13px',
    baseFontStyle: '13px',
    markerFontStyle: '12px',
    editorFontSize: '13px',
    fontFamily: "'Inter Variable', ui-sans-serif, system-ui, sans-serif",
    checkboxMaxSize: 16,
    roundingRadius: 4,
  };
}

export const GRID_THEMES: Readonly<Record<Mode, Partial<Theme>>> = { light: make('light'), dark: make('dark') };
