/** Chooses among things with a name: options, people, rows of a linked list. Each choice is written at once. */

import { Check } from 'lucide-react';
import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useRef, useState } from 'react';

import type { Swatch } from '../look/palette.ts';
import type { Bounds, Leave } from './place.ts';
import { useHeldFocus } from './use-held-focus.ts';

export interface Choice {
  readonly id: string;
  readonly name: string;
  readonly swatch: Swatch | null;
}

interface ChoiceEditorProps {
  readonly label: string;
  readonly bounds: Bounds;
  readonly initial: string | null;
  readonly many: boolean;
  readonly chosen: readonly string[];
  /** The choices for a typed text. `null` = still looking. */
  readonly choices: readonly Choice[] | null;
  readonly failure: string | null;
  readonly onSearch: (text: string) => void;
  readonly onChoose: (chosen: readonly string[]) => void;
  readonly onClose: (leave: Leave) => void;
}

const LIST_HEIGHT_PX = 280;
const WIDTH_MIN_PX = 240;

/** Places the list below the cell, or above it where there is no room. */
function placed({ x, y, width, height }: Bounds): { left: number; width: number; top?: number; bottom?: number } {
  const wide = Math.max(width, WIDTH_MIN_PX);
  const left = Math.max(8, Math.min(x, globalThis.innerWidth - wide - 8));
  const below = y + height + LIST_HEIGHT_PX < globalThis.innerHeight || y < LIST_HEIGHT_PX;
  return below ? { left, width: wide, top: y } : { left, width: wide, bottom: globalThis.innerHeight - y - height };
}

export function ChoiceEditor(props: ChoiceEditorProps) {
  const { label, bounds, initial, many, chosen, choices, failure, onSearch, onChoose, onClose } = props;
  const [text, setText] = useState(initial ?? '');
  const [active, setActive] = useState(0);
  const field = useRef<HTMLInputElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const listId = useId();
  const shown = choices ?? [];
  const current = Math.min(active, shown.length - 1);

  useLayoutEffect(() => field.current?.focus({ preventScroll: true }), []);
  useEffect(() => onSearch(text), [text, onSearch]);
  useEffect(() => {
    document.getElementById(`${listId}-${current}`)?.scrollIntoView({ block: 'nearest' });
  }, [current, listId]);

  const onBlur = useHeldFocus(box, field, () => onClose('stay'));

  function choose({ id }: Choice, leave: Leave): void {
    const has = chosen.includes(id);
    if (many) return onChoose(has ? chosen.filter((each) => each !== id) : [...chosen, id]);
    onChoose(has && leave === 'stay' ? [] : [id]);
    onClose(leave);
  }

  function onKeyDown(event: KeyboardEvent): void {
    event.stopPropagation();
    if (event.nativeEvent.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      if (shown.length > 0) setActive((current + step + shown.length) % shown.length);
    } else if (event.key === 'Escape') onClose('stay');
    else if (event.key === 'Tab') {
      event.preventDefault();
      onClose(event.shiftKey ? 'left' : 'right');
    } else if (event.key === 'Enter') {
      event.preventDefault();
      const choice = shown[current];
      if (choice) choose(choice, 'down');
      else if (text === '') onClose('down');
    } else if (event.key === 'Backspace' && text === '' && chosen.length > 0) onChoose(chosen.slice(0, -1));
  }

  return (
    <div
      ref={box}
      className="float fixed z-30 flex flex-col overflow-hidden"
      style={placed(bounds)}
      onBlur={onBlur}
    >
      <input
        ref={field}
        role="combobox"
        aria-label={label}
        aria-expanded
        aria-controls={listId}
        aria-activedescendant={current >= 0 ? `${listId}-${current}` : undefined}
        data-testid="cell-editor"
        autoComplete="off"
        placeholder={many ? 'Find and add' : 'Find'}
        className="h-8 shrink-0 border-b border-line bg-transparent px-2.5 text-sm outline-none placeholder:text-muted"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
      />
      <ul id={listId} role="listbox" aria-label={label} aria-multiselectable={many} className="overflow-y-auto p-1" style={{ maxHeight: LIST_HEIGHT_PX - 40 }}>
        {shown.map((choice, index) => (
          <li
            key={choice.id}
            id={`${listId}-${index}`}
            role="option"
            aria-selected={chosen.includes(choice.id)}
            className={`flex h-7 items-center gap-2 rounded px-1.5 text-sm ${index === current ? 'bg-hover' : ''}`}
            onPointerMove={() => setActive(index)}
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => choose(choice, 'stay')}
          >
            <ChoiceName {...choice} />
            {chosen.includes(choice.id) && <Check size={14} className="ml-auto shrink-0 text-accent" />}
          </li>
        ))}
        {choices === null && failure === null && <li className="appear px-1.5 py-1 text-xs text-muted">Looking…</li>}
        {choices !== null && shown.length === 0 && <li className="px-1.5 py-1 text-xs text-muted">Nothing is called “{text}”.</li>}
        {failure !== null && <li className="px-1.5 py-1 text-xs text-danger">{failure}</li>}
      </ul>
    </div>
  );
}

function ChoiceName({ name, swatch }: Choice) {
  if (!swatch) return <span className="truncate">{name}</span>;
  return (
    <span className="truncate rounded px-1.5 text-xs leading-5 font-medium" style={{ background: swatch.surface, color: swatch.ink }}>
      {name}
    </span>
  );
}
