/** Rectangles of cells, and what a paste or a clear writes into them. Pure. */

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Lists the (column, row) pairs of a rectangle, row by row. */
export function* cellsOf({ x, y, width, height }: Rectangle): Generator<readonly [column: number, row: number]> {
  for (let row = y; row < y + height; row += 1) for (let column = x; column < x + width; column += 1) yield [column, row];
}

/**
 * Returns the rectangle that pasted texts cover: a single value fills the selection, a block that fits into it a
 * whole number of times repeats, anything else goes from the selection's first cell.
 */
export function pasteTarget(selection: Rectangle, texts: readonly (readonly string[])[]): Rectangle {
  const height = texts.length;
  const width = Math.max(0, ...texts.map((row) => row.length));
  const repeats = height > 0 && width > 0 && selection.height % height === 0 && selection.width % width === 0;
  return repeats ? selection : { x: selection.x, y: selection.y, width, height };
}

/** Returns the text that a paste puts into the cell at (`column`, `row`) of its target. */
export function pastedText(texts: readonly (readonly string[])[], column: number, row: number): string {
  const line = texts[row % texts.length] ?? [];
  const width = Math.max(0, ...texts.map((each) => each.length));
  return line[column % width] ?? '';
}
