/** The save state in the top bar: a word, what it means, what to do, and for edits that are not in the list what was typed. */

import type { SaveState } from '@rowhouse/sdk';
import { Popover } from 'radix-ui';
import { useEffect, useState } from 'react';

import type { Kept } from '../list/use-kept.ts';
import { edits } from './kept-edits.ts';
import { RefusedList } from './refused-list.tsx';
import { saveSentence, saveWord, tone } from './save-words.ts';

const SECOND_MS = 1_000;
const SAVED_AGAIN = 'All edits are saved.';

/** Whole seconds until `until` (milliseconds since 1970); `null` when it is under way or not planned. */
function useSeconds(until: number | null): number | null {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (until === null) return undefined;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), SECOND_MS);
    return () => clearInterval(timer);
  }, [until]);
  return until === null ? null : Math.max(1, Math.ceil((until - now) / SECOND_MS));
}

/** What a screen reader is told: each trouble once, and its end; not the passing of seconds, nor every edit that is saved. */
function useAnnouncement(state: SaveState): string {
  const sentence = saveSentence(state);
  const [said, setSaid] = useState('');
  useEffect(() => {
    if (sentence) setSaid(sentence);
    else if (state.kind === 'saved') setSaid((before) => (before ? SAVED_AGAIN : ''));
  }, [sentence, state.kind]);
  return said;
}

interface SaveWordProps {
  readonly state: SaveState;
  readonly kept: Kept;
  /** Connects at once. */
  readonly onTry: () => void;
}

export function SaveWord({ state, kept, onTry }: SaveWordProps) {
  const { refused, unsaved, cut, open, setOpen } = kept;
  const seconds = useSeconds(state.kind === 'reconnecting' ? state.until : null);
  const announcement = useAnnouncement(state);
  const word = saveWord(state.kind === 'ended' ? { ...state, waiting: state.waiting + cut } : state, seconds);
  const sentence = saveSentence(state);
  const shared = `text-sm font-medium numbers whitespace-nowrap ${tone(state)}`;
  const away = state.kind === 'offline' || state.kind === 'reconnecting';
  const silent = refused.length + unsaved.length === 0 && !sentence;
  useEffect(() => {
    // Else the next trouble would open it by itself, and take the focus from who is typing.
    if (silent) setOpen(false);
  }, [silent, setOpen]);
  const more = state.kind !== 'refused' && refused.length > 0 ? ` · ${edits(refused.length)} refused` : '';
  return (
    <>
      <p role="status" data-testid="save-announcement" className="sr-only">
        {announcement}
      </p>
      {silent ? (
        <span data-testid="save-state" className={`${shared} min-w-14 text-right`}>
          {word}
        </span>
      ) : (
        <Popover.Root open={open} onOpenChange={setOpen}>
          <Popover.Trigger data-testid="save-state" className={`control min-w-0 bg-warning-tint ${shared}`}>
            <span className="truncate">{word + more}</span>
          </Popover.Trigger>
          <Popover.Portal>
            <Popover.Content
              align="end"
              sideOffset={6}
              collisionPadding={8}
              className="float z-40 flex max-h-[60vh] w-[360px] max-w-[calc(100vw-16px)] flex-col"
              // The notice that opens the list gives the focus back to where it was.
              onFocusOutside={(event) => event.preventDefault()}
            >
              {sentence && <Trouble sentence={sentence} onTry={away ? onTry : null} />}
              <KeptLists kept={kept} />
            </Popover.Content>
          </Popover.Portal>
        </Popover.Root>
      )}
    </>
  );
}

function Trouble({ sentence, onTry }: { readonly sentence: string; readonly onTry: (() => void) | null }) {
  return (
    <div data-testid="save-trouble" className="flex flex-col items-start gap-2 p-3 text-sm not-last:border-b not-last:border-line">
      <p>{sentence}</p>
      {onTry && (
        <button type="button" className="control control-primary" onClick={onTry}>
          Try now
        </button>
      )}
    </div>
  );
}

/** What is not saved, then what was refused. */
export function KeptLists({ kept }: { readonly kept: Kept }) {
  const { refused, unsaved, copy, copyValue, dismiss } = kept;
  return (
    <>
      {unsaved.length > 0 && <RefusedList title="Edits not saved" lines={unsaved} onCopy={copy} onCopyValue={copyValue} />}
      {refused.length > 0 && (
        <RefusedList title="Refused edits" lines={refused} onCopy={copy} onCopyValue={copyValue}>
          <button type="button" className="control" onClick={dismiss}>
            Dismiss
          </button>
        </RefusedList>
      )}
    </>
  );
}
