/** Edits everything that is typed as text: text, numbers, money, dates, addresses of all kinds. */

import { CalendarDays } from 'lucide-react';
import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useRef, useState } from 'react';

import { editText } from '../cells/format.ts';
import { type Reading, parseText } from '../cells/parse.ts';
import { type EditorProps, type Leave, leaveOf } from './place.ts';
import { useHeldFocus } from './use-held-focus.ts';

const LONG_TEXT_HEIGHT_PX = 140;
const WIDTH_MIN_PX = 160;

/** A text field over the cell. A text that does not fit the column stays in it, with a sentence that says why. */
export function TextEditor({ column, value, bounds, initial, reading, onWrite, onClose, onCut }: EditorProps & { readonly reading: Reading }) {
  const long = column.type === 'long_text';
  const [text, setText] = useState(() => initial ?? editText(column, value, reading.names));
  const [problem, setProblem] = useState<string | null>(null);
  const field = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const closed = useRef(false);
  const problemId = useId();

  useLayoutEffect(() => {
    const element = field.current;
    element?.focus({ preventScroll: true });
    element?.setSelectionRange(element.value.length, element.value.length);
  }, []);

  const cut = useRef(() => {});
  cut.current = (): void => {
    if (closed.current || text.trim() === '' || (initial === null && text === editText(column, value, reading.names))) return;
    const parsed = parseText(column, text, reading);
    onCut(parsed.kind === 'value' ? { value: parsed.value, fits: true } : { value: text, fits: false });
  };
  useEffect(() => () => cut.current(), []);

  function close(leave: Leave): void {
    if (closed.current) return;
    closed.current = true;
    onClose(leave);
  }

  function commit(leave: Leave, typed = text): void {
    if (closed.current) return;
    const untouched = initial === null && typed === editText(column, value, reading.names);
    const parsed = parseText(column, typed, reading);
    if (!untouched && parsed.kind === 'problem') return setProblem(parsed.sentence);
    if (!untouched && parsed.kind === 'value') onWrite(parsed.value);
    close(leave);
  }

  const onBlur = useHeldFocus(box, field, () => commit('stay'));

  function onKeyDown(event: KeyboardEvent): void {
    event.stopPropagation();
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Escape') return close('stay');
    const leave = leaveOf(event);
    if (leave === null || (long && event.key === 'Enter' && event.shiftKey)) return;
    event.preventDefault();
    commit(leave);
  }

  const shared = {
    ref: field,
    value: text,
    'aria-label': column.name,
    'aria-invalid': problem !== null,
    'aria-describedby': problem === null ? undefined : problemId,
    'data-testid': 'cell-editor',
    spellCheck: column.type === 'text' || long,
    autoComplete: 'off',
    onChange: (event: { target: { value: string } }) => {
      setText(event.target.value);
      setProblem(null);
    },
    onKeyDown,
    className: `size-full resize-none bg-raised px-2 text-sm outline-none ${['number', 'percent', 'currency'].includes(column.type) ? 'numbers text-right' : ''}`,
  };
  const height = long ? Math.max(bounds.height, LONG_TEXT_HEIGHT_PX) : bounds.height;
  return (
    <div
      ref={box}
      onBlur={onBlur}
      className={`fixed z-30 rounded-[3px] ring-2 ${problem === null ? 'ring-accent' : 'ring-warning'}`}
      style={{ left: bounds.x, top: bounds.y, width: Math.max(bounds.width, WIDTH_MIN_PX), height }}
    >
      {long ? <textarea {...shared} className={`${shared.className} py-1.5`} /> : <input {...shared} inputMode={inputMode(column.type)} />}
      {column.type === 'date' && <DayPicker value={text} onPick={(day) => commit('stay', day)} />}
      {problem !== null && (
        <p id={problemId} role="alert" className="float absolute top-full left-0 mt-1 w-max max-w-80 px-2 py-1 text-xs text-warning">
          {problem}
        </p>
      )}
    </div>
  );
}

function inputMode(type: string): 'decimal' | 'email' | 'tel' | 'url' | 'text' {
  if (['number', 'percent', 'currency', 'rating', 'duration'].includes(type)) return 'decimal';
  if (type === 'email' || type === 'url') return type;
  return type === 'phone' ? 'tel' : 'text';
}

/** The browser's own calendar, opened by a button; it takes no focus from the text until it is used. */
function DayPicker({ value, onPick }: { readonly value: string; readonly onPick: (day: string) => void }) {
  const native = useRef<HTMLInputElement>(null);
  return (
    <span className="absolute inset-y-0 right-1 flex items-center">
      <input
        ref={native}
        type="date"
        tabIndex={-1}
        aria-hidden
        className="pointer-events-none absolute bottom-0 size-0 opacity-0"
        value={/^\d{4}-\d{2}-\d{2}$/.test(value) ? value : ''}
        onChange={(event) => event.target.value && onPick(event.target.value)}
      />
      <button
        type="button"
        tabIndex={-1}
        aria-label="Open the calendar"
        className="rounded p-0.5 text-muted hover:bg-hover"
        onPointerDown={(event) => event.preventDefault()}
        onClick={() => native.current?.showPicker()}
      >
        <CalendarDays size={15} />
      </button>
    </span>
  );
}
