/**
 * The palette of twelve hues that select options and people share, for DOM and canvas alike.
 *
 * Colours are designed in OKLCH (equal lightness and chroma) and handed out as hex, since the grid's canvas
 * blends colours and reads no other form everywhere. Text on each has a contrast of at least 4.5 : 1.
 */

export type Mode = 'light' | 'dark';

export const HUES = ['red', 'orange', 'amber', 'lime', 'green', 'teal', 'cyan', 'blue', 'indigo', 'violet', 'magenta', 'rose'] as const;

export type HueName = (typeof HUES)[number];

/** A pair of a surface and the ink that is readable on it. */
export interface Swatch {
  readonly surface: string;
  readonly ink: string;
}

const FIRST_HUE_DEGREES = 25;
const STEP_DEGREES = 30;
const SHADES = {
  light: { surface: [0.925, 0.045], ink: [0.36, 0.08], strong: [0.5, 0.13], onStrong: [1, 0] },
  dark: { surface: [0.33, 0.05], ink: [0.9, 0.05], strong: [0.76, 0.11], onStrong: [0.18, 0.02] },
} as const;

function linear([lightness, chroma, degrees]: readonly [number, number, number]): readonly [number, number, number] {
  const a = chroma * Math.cos((degrees * Math.PI) / 180);
  const b = chroma * Math.sin((degrees * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

/** Converts OKLCH to `#rrggbb`; what sRGB cannot show loses chroma, not lightness. */
export function oklch(lightness: number, chroma: number, degrees: number): string {
  let channels = linear([lightness, chroma, degrees]);
  for (let less = chroma; channels.some((channel) => channel < -1e-4 || channel > 1.0001) && less > 0; less -= 0.005) {
    channels = linear([lightness, less, degrees]);
  }
  const bytes = channels.map((channel) => {
    const clipped = Math.min(1, Math.max(0, channel));
    const encoded = clipped <= 0.0031308 ? 12.92 * clipped : 1.055 * clipped ** (1 / 2.4) - 0.055;
    return Math.round(encoded * 255).toString(16).padStart(2, '0');
  });
  return `#${bytes.join('')}`;
}

function swatches(surface: 'surface' | 'strong', ink: 'ink' | 'onStrong'): Readonly<Record<Mode, readonly Swatch[]>> {
  const make = (mode: Mode): Swatch[] =>
    HUES.map((_, index) => {
      const degrees = FIRST_HUE_DEGREES + index * STEP_DEGREES;
      const [[surfaceLightness, surfaceChroma], [inkLightness, inkChroma]] = [SHADES[mode][surface], SHADES[mode][ink]];
      return { surface: oklch(surfaceLightness, surfaceChroma, degrees), ink: oklch(inkLightness, inkChroma, degrees) };
    });
  return { light: make('light'), dark: make('dark') };
}

const SOFT = swatches('surface', 'ink');
const STRONG = swatches('strong', 'onStrong');

function scatter(text: string): number {
  let hash = 0;
  for (const character of text) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return hash % HUES.length;
}

/** Returns an option's swatch: by the name of its hue, by its number, else by its id, so that it never changes. */
export function optionSwatch(mode: Mode, colour: string | number | null, id: string): Swatch {
  const named = HUES.indexOf(colour as HueName);
  const number = typeof colour === 'number' ? colour : colour && /^\d+$/.test(colour) ? Number(colour) : null;
  const index = named >= 0 ? named : number !== null ? number % HUES.length : scatter(id);
  return SOFT[mode][index] as Swatch;
}

function personIndex(hue: number): number {
  return Math.round((((hue % 360) + 360) % 360) / STEP_DEGREES) % HUES.length;
}

/** Returns a person's swatch: their ring, outline and name tag. `hue` is in degrees, 0 to 359. */
export function personSwatch(mode: Mode, hue: number): Swatch {
  return STRONG[mode][personIndex(hue)] as Swatch;
}

/** Returns the quiet swatch of a person who stands in a cell. */
export function personChipSwatch(mode: Mode, hue: number): Swatch {
  return SOFT[mode][personIndex(hue)] as Swatch;
}

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
    const channel = Number.parseInt(hex.slice(start, start + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Returns the contrast ratio of two colours by WCAG 2, 1 to 21. */
export function contrast(left: string, right: string): number {
  const [dark = 0, light = 0] = [luminance(left), luminance(right)].toSorted((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}
