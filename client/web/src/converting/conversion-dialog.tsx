/** Giving a column another type: a choice, what would come of it, and the deed. */

import { type Column, type ColumnType, isSetValued } from '@rowhouse/sdk';
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { useEffect, useRef, useState } from 'react';
import { toast } from 'sonner';

import { type ConversionChoice, type ConversionReading, previewConversion } from '../api/conversions.ts';
import { listsQuery } from '../api/queries.ts';
import { ListChoice, ReadingChoice } from '../importing/choices.tsx';
import { IMPORTABLE_TYPES, readingOf } from '../importing/mapping.ts';
import { Select } from '../importing/parts.tsx';
import { convert } from './notices.ts';
import { PreviewView } from './preview-view.tsx';
import { deedWords, troubleWords, typeWords } from './words.ts';

/** Columns whose values can be read in more than one way. */
const TEXTS: ReadonlySet<ColumnType> = new Set(['text', 'long_text', 'select', 'multi_select']);

export interface ConversionDialogProps {
  readonly column: Column;
  /** Why nothing can be done any more; empty while something can. */
  readonly hindrance: string;
  /** Whether it names the rows. */
  readonly naming: boolean;
  readonly listId: string;
  readonly workspaceId: string;
  readonly rowName: (row: string) => string | null;
  readonly onClose: () => void;
}

/** The types that a column can be given: not its own, but for links, which may lead elsewhere. */
function typesFor({ type: own }: Column, naming: boolean): readonly ColumnType[] {
  return IMPORTABLE_TYPES.filter((type) => (type !== own || type === 'link') && !(naming && isSetValued(type)));
}

function useChoice(): {
  readonly type: ColumnType | '';
  readonly list: string;
  readonly reading: ConversionReading | undefined;
  readonly choice: ConversionChoice | null;
  readonly chooseType: (type: string) => void;
  readonly chooseList: (list: string) => void;
  readonly read: (reading: ConversionReading) => void;
} {
  const [type, setType] = useState<ColumnType | ''>('');
  const [list, setList] = useState('');
  const [reading, setReading] = useState<ConversionReading>();
  const whole = type !== '' && (type !== 'link' || list !== '');
  return {
    type,
    list,
    reading,
    choice: whole ? { type, config: type === 'link' ? { list } : {}, ...(reading && { reading }) } : null,
    chooseType: (next) => {
      setType(next as ColumnType);
      setReading(undefined);
    },
    chooseList: setList,
    read: setReading,
  };
}

/** The conversion, which goes on when the dialog is closed; it closes the dialog, or tells elsewhere what went wrong. */
function useDeed(name: string, act: (choice: ConversionChoice) => Promise<void>, onClose: () => void) {
  const open = useRef(true);
  useEffect(() => {
    open.current = true;
    return () => {
      open.current = false;
    };
  }, []);
  return useMutation({
    mutationFn: act,
    onSuccess: () => open.current && onClose(),
    onError: (error) => open.current || toast.error(`${name} was not converted`, { description: troubleWords(error) }),
  });
}

function beginWithType(event: Event): void {
  event.preventDefault();
  if (event.currentTarget instanceof Element) event.currentTarget.querySelector('select')?.focus();
}

export default function ConversionDialog({ column, hindrance, naming, listId, workspaceId, rowName, onClose }: ConversionDialogProps) {
  const place = { list: listId, column: column.id };
  const { choice, ...chosen } = useChoice();
  const preview = useQuery({
    queryKey: ['conversions', listId, column.id, choice],
    queryFn: ({ signal }) => previewConversion(place, choice as ConversionChoice, signal),
    enabled: choice !== null,
    staleTime: 0,
    gcTime: 0,
    ...(chosen.reading && { placeholderData: keepPreviousData }),
  });
  const deed = useDeed(column.name, (asked) => convert(place, asked, rowName), onClose);
  const seen = preview.isPlaceholderData ? undefined : preview.data;
  // The column goes before the answer comes.
  const gone = hindrance !== '' && !deed.isPending && !deed.isSuccess;
  const trouble = gone ? hindrance : deed.error ? troubleWords(deed.error) : '';
  function submit(event: React.FormEvent): void {
    event.preventDefault();
    if (choice && seen) deed.mutate({ ...choice, reading: seen.reading });
  }
  return (
    <Dialog.Root open onOpenChange={(stays) => !stays && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-50 bg-black/30" />
        <Dialog.Content
          onOpenAutoFocus={beginWithType}
          data-testid="conversion-dialog"
          className="float fixed top-1/2 left-1/2 z-50 flex max-h-[calc(100dvh-32px)] w-[640px] max-w-[calc(100vw-32px)] -translate-x-1/2 -translate-y-1/2 flex-col gap-3 p-5"
        >
          <div className="flex items-center gap-2">
            <Dialog.Title className="min-w-0 truncate text-lg font-semibold">Change the type of {column.name}</Dialog.Title>
            <Dialog.Close aria-label="Close" className="control ml-auto">
              <X size={14} />
            </Dialog.Close>
          </div>
          <Dialog.Description className="text-sm text-muted">
            It is {typeWords(column.type)} now. Nothing changes before you convert; people can go on working meanwhile.
          </Dialog.Description>
          <form onSubmit={submit} className="flex min-h-0 flex-1 flex-col gap-3">
            <fieldset disabled={deed.isPending || gone} className="grid grid-cols-1 gap-3 sm:grid-cols-2">
              <legend className="sr-only">The new type</legend>
              <Select label="New type" value={chosen.type} onChange={chosen.chooseType}>
                <option value="" disabled>
                  Choose a type
                </option>
                {typesFor(column, naming).map((type) => (
                  <option key={type} value={type}>
                    {typeWords(type)}
                  </option>
                ))}
              </Select>
              {chosen.type === 'link' && <LinkedList workspaceId={workspaceId} value={chosen.list} onChoose={chosen.chooseList} />}
              {TEXTS.has(column.type) && preview.data && <ReadAs type={chosen.type} reading={preview.data.reading} onRead={chosen.read} />}
            </fieldset>
            <PreviewView preview={seen} looking={preview.isFetching} error={preview.error} onRetry={() => void preview.refetch()} rowName={rowName} />
            {trouble && (
              <p role="alert" data-testid="conversion-problem" className="rounded-control bg-warning-tint px-3 py-2 text-sm">
                {trouble}
              </p>
            )}
            <div className="flex flex-wrap items-center justify-end gap-2">
              {deed.isPending && <p className="mr-auto text-sm text-muted">You may close this: it goes on, and you will be told.</p>}
              <Dialog.Close type="button" className="control">
                {deed.isPending || gone ? 'Close' : 'Cancel'}
              </Dialog.Close>
              <button type="submit" data-testid="convert" disabled={!seen || deed.isPending || gone} className="control control-primary">
                {deed.isPending ? 'Converting…' : deedWords(seen?.lost ?? 0)}
              </button>
            </div>
          </form>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function LinkedList({ workspaceId, value, onChoose }: { readonly workspaceId: string; readonly value: string; readonly onChoose: (list: string) => void }) {
  const { data: lists = [] } = useQuery(listsQuery(workspaceId));
  return <ListChoice lists={lists} value={value} onChoose={onChoose} />;
}

interface ReadAsProps {
  readonly type: ColumnType | '';
  readonly reading: ConversionReading;
  readonly onRead: (reading: ConversionReading) => void;
}

/** How the texts are read, where the new type lets them mean two things. */
function ReadAs({ type, reading, onRead }: ReadAsProps) {
  const kind = readingOf(type === '' ? null : type);
  return kind && <ReadingChoice kind={kind} value={reading[kind] ?? ''} onChoose={(said) => onRead({ ...reading, [kind]: said })} />;
}
