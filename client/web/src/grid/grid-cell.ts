/** From what a cell shows to what the grid component draws. */

import { type GridCell, GridCellKind } from '@glideapps/glide-data-grid';

import type { Face } from '../cells/face.ts';
import type { ChipsCell } from './chips.ts';

/** An empty cell of a row or column that is not there any more. */
export const BLANK: GridCell = { kind: GridCellKind.Text, data: '', displayData: '', allowOverlay: false };

/** A cell whose value has not been read yet: never to be taken for an empty one. */
export const UNREAD: GridCell = { kind: GridCellKind.Loading, skeletonWidth: 72, skeletonWidthVariability: 36, skeletonHeight: 10, allowOverlay: false };

/** Makes the grid's cell; `copied` is what the clipboard gets. */
export function gridCell(face: Face, copied: string, editable: boolean): GridCell {
  // `allowOverlay` stays on where a cell may be edited: the grid's own Delete asks for it.
  switch (face.kind) {
    case 'tick':
      return { kind: GridCellKind.Boolean, data: face.ticked, allowOverlay: false, readonly: !editable, copyData: copied };
    case 'chips': {
      const cell: ChipsCell = {
        kind: GridCellKind.Custom,
        allowOverlay: editable,
        readonly: !editable,
        copyData: copied,
        data: { kind: 'chips', chips: face.chips },
      };
      return cell;
    }
    case 'text':
      return {
        kind: GridCellKind.Text,
        data: copied,
        displayData: face.text,
        copyData: copied,
        allowOverlay: editable,
        readonly: !editable,
        contentAlign: face.align,
      };
  }
}
