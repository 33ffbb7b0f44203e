/** Opens the editor that suits a column's type. */

import { type Json } from '@rowhouse/sdk';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';

import { references } from '../cells/format.ts';
import type { Reading } from '../cells/parse.ts';
import type { LinkNames } from '../list/link-names.ts';
import { type Mode, optionSwatch, personChipSwatch } from '../look/palette.ts';
import { type Choice, ChoiceEditor } from './choice-editor.tsx';
import type { EditorProps } from './place.ts';
import { TextEditor } from './text-editor.tsx';

interface CellEditorProps extends EditorProps {
  readonly reading: Reading;
  readonly links: LinkNames;
  readonly mode: Mode;
}

export function CellEditor(props: CellEditorProps) {
  switch (props.column.type) {
    case 'select':
    case 'multi_select':
    case 'user':
    case 'users':
      return <KnownChoices {...props} />;
    case 'link':
      return <RowChoices {...props} />;
    default:
      return <TextEditor {...props} />;
  }
}

/** Writes chosen ids in the form of the column's type. */
function valueOf(type: string, chosen: readonly string[]): Json {
  return type === 'select' || type === 'user' ? (chosen[0] ?? null) : chosen;
}

function KnownChoices({ column, value, reading, mode, onWrite, ...rest }: CellEditorProps) {
  const [text, setText] = useState(rest.initial ?? '');
  const all = useMemo((): readonly Choice[] => {
    if (column.type === 'select' || column.type === 'multi_select') {
      return column.options.map(({ id, label, colour }) => ({ id, name: label, swatch: optionSwatch(mode, colour, id) }));
    }
    return [...reading.names.people.values()].map(({ id, name, hue }) => ({ id, name, swatch: personChipSwatch(mode, hue) }));
  }, [column, reading.names.people, mode]);
  const wanted = text.trim().toLowerCase();
  const choices = all
    .filter(({ name }) => name.toLowerCase().includes(wanted))
    .toSorted((left, right) => Number(right.name.toLowerCase().startsWith(wanted)) - Number(left.name.toLowerCase().startsWith(wanted)));
  return (
    <ChoiceEditor
      {...rest}
      label={column.name}
      many={column.type === 'multi_select' || column.type === 'users'}
      chosen={references(column, value)}
      choices={choices}
      failure={null}
      onSearch={setText}
      onChoose={(chosen) => onWrite(valueOf(column.type, chosen))}
    />
  );
}

function RowChoices({ column, value, reading, links, onWrite, ...rest }: CellEditorProps) {
  const list = String(column.config['list']);
  const chosen = references(column, value);
  const [found, setFound] = useState<readonly Choice[] | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const searching = useRef<AbortController | null>(null);
  const { names } = reading;
  const linked = chosen.map((id) => ({ id, name: names.row(list, id) ?? '…', swatch: null }));

  const search = useCallback(
    (text: string): void => {
      searching.current?.abort();
      const controller = new AbortController();
      searching.current = controller;
      links.search(list, text.trim(), controller.signal).then(
        (rows) => {
          if (controller.signal.aborted) return;
          setFailure(null);
          setFound(rows.map(({ row, name }) => ({ id: row, name, swatch: null })));
        },
        (error: unknown) => {
          if (!controller.signal.aborted) setFailure(error instanceof Error ? error.message : 'The rows could not be found.');
        },
      );
    },
    [links, list],
  );
  useEffect(() => () => searching.current?.abort(), []);

  const others = found?.filter(({ id }) => !chosen.includes(id)) ?? null;
  return (
    <ChoiceEditor
      {...rest}
      label={column.name}
      many={column.config['limit'] !== 'one'}
      chosen={chosen}
      choices={others && [...others, ...linked]}
      failure={failure}
      onSearch={search}
      onChoose={(ids) => onWrite([...ids])}
    />
  );
}
