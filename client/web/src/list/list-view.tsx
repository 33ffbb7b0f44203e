/** One list on screen: top bar, tool bar, grid, and the states in which there is no grid. */

import { type ListDocument, type Session, type SessionSnapshot, allows } from '@rowhouse/sdk';
import { ArrowDown, ArrowUp, Menu, Plus, Redo2, Trash2, Undo2, Upload } from 'lucide-react';
import { type ReactNode, useContext, useMemo } from 'react';
import { Link } from 'react-router';
import { toast } from 'sonner';

import { recall, useAccount } from '../account/account.ts';
import type { Workspace } from '../api/queries.ts';
import { displayText } from '../cells/format.ts';
import type { Names } from '../cells/names.ts';
import type { Reading } from '../cells/parse.ts';
import { ExportMenu } from '../exporting/export-menu.tsx';
import { DataGrid } from '../grid/data-grid.tsx';
import { useMode } from '../look/theme.ts';
import { Avatars } from '../shell/avatars.tsx';
import { SaveWord } from '../shell/save-word.tsx';
import { GridSkeleton, Notice } from '../shell/states.tsx';
import { Ending } from './ending.tsx';
import { type Deeds, useDeeds } from './use-deeds.ts';
import { type Kept, useKept } from './use-kept.ts';
import { useNames } from './use-names.ts';
import { useSchema } from './use-schema.ts';
import { rowCount, useSize, useUnreadable } from './use-size.ts';
import { OpenListsContext } from './use-session.ts';
import { useWhomToAsk } from './whom-to-ask.ts';

interface ListViewProps {
  readonly session: Session;
  readonly snapshot: SessionSnapshot;
  readonly listId: string;
  readonly workspaceId: string;
  readonly workspace: Workspace | undefined;
  readonly title: string;
  readonly onMenu: () => void;
}

function today(): string {
  const now = new Date();
  return [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, '0')).join('-');
}

/** The name of a row; `null` where the list has no such row. */
function nameOf(document: ListDocument, row: string, names: Names): string | null {
  if (!document.has(row)) return null;
  const { columns, primary } = document.schema;
  const naming = columns.find(({ id }) => id === primary);
  return (naming && displayText(naming, document.value(row, naming), names)) || 'Unnamed row';
}

export function ListView({ session, snapshot, listId, workspaceId, workspace, title, onMenu }: ListViewProps) {
  const { document, role, peers, save, user, loaded, shown, link } = snapshot;
  const schema = useSchema(document);
  const size = useSize(document);
  const mode = useMode();
  const { names, links } = useNames(workspaceId);
  const ended = link.kind === 'ended';
  const mayEdit = shown && !ended && role !== null && allows(role, 'rows.edit');
  const editable = mayEdit && loaded;
  const deeds = useDeeds(session, editable);
  const reading = useMemo((): Reading => ({ names, locale: navigator.language, today: today() }), [names]);
  const board = useMemo(() => ({ document, columns: schema.columns, role: loaded ? role : null }), [document, schema, role, loaded]);
  const naming = useMemo(
    () => ({ schema, names, rowName: (row: string) => nameOf(document, row, names) }),
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- rows that have been read since have names
    [document, schema, names, size.whole],
  );
  const kept = useKept(session, snapshot, naming);
  const ask = useWhomToAsk(workspaceId, user?.id);
  return (
    <section aria-label={title} className="flex min-w-0 flex-1 flex-col">
      <header className="flex h-12 shrink-0 items-center gap-3 border-b border-line px-3 sm:px-4">
        <button type="button" aria-label="Open the menu" className="control !px-1.5 sm:hidden" onClick={onMenu}>
          <Menu size={18} />
        </button>
        <h1 className="mr-auto min-w-24 truncate text-lg font-semibold">{schema.name || title}</h1>
        <Avatars self={user} peers={peers} mode={mode} />
        <SaveWord state={save} kept={kept} onTry={() => session.connect()} />
      </header>
      {shown && !ended && (
        <ToolBar snapshot={snapshot} listId={listId} deeds={deeds} editable={mayEdit} ask={ask}>
          <ExportMenu listId={listId} title={schema.name || title} role={role} workspace={workspace} />
        </ToolBar>
      )}
      <Body session={session} snapshot={snapshot} kept={kept} ask={ask}>
        <div className="min-h-0 flex-1">
          <DataGrid
            board={board}
            primary={schema.primary}
            peers={peers}
            reading={reading}
            links={links}
            mode={mode}
            actions={deeds}
            target={deeds.target}
          />
        </div>
        {mayEdit && (
          <button
            type="button"
            data-testid="add-row"
            className="flex h-8 shrink-0 items-center gap-2 border-t border-line px-4 text-sm text-muted hover:bg-hover hover:text-ink"
            onClick={deeds.add}
          >
            <Plus size={14} /> New row
          </button>
        )}
        <footer data-testid="summary" className="numbers flex h-8 shrink-0 items-center border-t border-line bg-panel px-4 text-xs text-muted">
          {size.words}
        </footer>
      </Body>
    </section>
  );
}

interface ToolBarProps {
  readonly snapshot: SessionSnapshot;
  readonly listId: string;
  readonly deeds: Deeds;
  readonly editable: boolean;
  readonly ask: string;
  /** What whoever reads the list may do, too. */
  readonly children: ReactNode;
}

function ToolBar({ snapshot, listId, deeds, editable, ask, children }: ToolBarProps) {
  if (!editable) {
    return (
      <div className="flex h-10 shrink-0 items-center gap-3 border-b border-line px-4 text-sm text-muted">
        <p>You can read this list. To edit, ask {ask} for the editor role.</p>
        {children}
      </div>
    );
  }
  return (
    <div role="toolbar" aria-label="List" className="flex h-10 shrink-0 items-center gap-1 border-b border-line px-2 sm:px-3">
      <button type="button" data-testid="new-row" className="control" onClick={deeds.add}>
        <Plus size={15} /> New row
      </button>
      <button type="button" aria-label="Undo" className="control !px-1.5" disabled={!snapshot.canUndo} onClick={deeds.undo}>
        <Undo2 size={15} />
      </button>
      <button type="button" aria-label="Redo" className="control !px-1.5" disabled={!snapshot.canRedo} onClick={deeds.redo}>
        <Redo2 size={15} />
      </button>
      {snapshot.role && allows(snapshot.role, 'import') && (
        <Link to={`/lists/${listId}/import`} data-testid="import-link" className="control">
          <Upload size={15} /> Import…
        </Link>
      )}
      {children}
      {deeds.marked.length > 0 && (
        <>
          <button type="button" aria-label="Move up" title="Move up (Alt+Shift+↑)" className="control ml-auto !px-1.5" onClick={() => deeds.carry(deeds.marked, -1)}>
            <ArrowUp size={15} />
          </button>
          <button type="button" aria-label="Move down" title="Move down (Alt+Shift+↓)" className="control !px-1.5" onClick={() => deeds.carry(deeds.marked, 1)}>
            <ArrowDown size={15} />
          </button>
          <button type="button" data-testid="trash-rows" className="control" onClick={() => deeds.trash(deeds.marked)}>
            <Trash2 size={15} /> Trash {rowCount(deeds.marked.length)}
          </button>
        </>
      )}
    </div>
  );
}

interface BodyProps {
  readonly session: Session;
  readonly snapshot: SessionSnapshot;
  readonly kept: Kept;
  readonly ask: string;
  readonly children: ReactNode;
}

/** Connects again after an end; whoever has been signed out must have signed in again first. */
async function retry(session: Session): Promise<void> {
  if (useAccount.getState().account.kind !== 'signed_in') {
    await recall().catch(() => undefined);
    if (useAccount.getState().account.kind !== 'signed_in') return void toast('You are not signed in yet.');
  }
  session.restart();
}

/** The grid, or why there is none. */
function Body({ session, snapshot, kept, ask, children }: BodyProps) {
  const { link, shown, document } = snapshot;
  const lists = useContext(OpenListsContext);
  const unreadable = useUnreadable(document);
  if (link.kind === 'ended') {
    const seen = document.schema.columns.length > 0;
    return <Ending link={link} seen={seen} ask={ask} kept={kept} onRetry={() => void retry(session)} onLeave={() => lists.leaveAll()} />;
  }
  if (!shown && link.kind === 'offline') return <Notice title="You are offline">The list will load when the connection is back.</Notice>;
  if (!shown && link.kind === 'waiting' && !link.brief) {
    return <Notice title="Rowhouse does not answer">The list will load by itself once it does.</Notice>;
  }
  if (!shown) return <GridSkeleton />;
  if (document.schema.columns.length === 0) return <Notice title="This list has no columns yet">An admin can add columns.</Notice>;
  return (
    <>
      {unreadable > 0 && (
        <p role="alert" className="border-b border-line bg-warning-tint px-4 py-1.5 text-sm text-warning">
          Part of this list could not be read, and some rows are missing here. They are still on the server: tell your operator.
        </p>
      )}
      {children}
    </>
  );
}
