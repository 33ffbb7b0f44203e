/** One list on screen: top bar, tool bar, grid, and the states in which there is no grid. */

import { type Session, type SessionSnapshot, allows } from '@rowhouse/sdk';
import { Menu, Plus, Redo2, Trash2, Undo2 } from 'lucide-react';
import { type ReactNode, useMemo } from 'react';

import { displayText } from '../cells/format.ts';
import type { Reading } from '../cells/parse.ts';
import { DataGrid } from '../grid/data-grid.tsx';
import { useMode } from '../look/theme.ts';
import { Avatars } from '../shell/avatars.tsx';
import { SaveWord } from '../shell/save-word.tsx';
import { GridSkeleton, Notice } from '../shell/states.tsx';
import { type Deeds, rowCount, useDeeds } from './use-deeds.ts';
import { useNames } from './use-names.ts';
import { useUnsavedWarning } from './use-session.ts';

interface ListViewProps {
  readonly session: Session;
  readonly snapshot: SessionSnapshot;
  readonly workspaceId: string;
  readonly title: string;
  readonly onMenu: () => void;
}

function today(): string {
  const now = new Date();
  return [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, '0')).join('-');
}

export function ListView({ session, snapshot, workspaceId, title, onMenu }: ListViewProps) {
  const { document, role, peers, refusals, save, user, loaded } = snapshot;
  const { schema } = document;
  const mode = useMode();
  const { names, links } = useNames(workspaceId);
  const editable = loaded && role !== null && allows(role, 'rows.edit');
  const deeds = useDeeds(session, editable);
  const reading = useMemo((): Reading => ({ names, locale: navigator.language, today: today() }), [names]);
  const board = useMemo(() => ({ document, columns: schema.columns, role: loaded ? role : null }), [document, schema, role, loaded]);
  useUnsavedWarning(snapshot);
  const primary = schema.columns.find(({ id }) => id === schema.primary);
  const rowName = (row: string): string => (primary && displayText(primary, document.value(row, primary), names)) || 'Unnamed row';
  return (
    <section aria-label={title} className="flex min-w-0 flex-1 flex-col">
      <header className="flex h-12 shrink-0 items-center gap-3 border-b border-line px-3 sm:px-4">
        <button type="button" aria-label="Open the menu" className="control !px-1.5 sm:hidden" onClick={onMenu}>
          <Menu size={18} />
        </button>
        <h1 className="mr-auto truncate text-lg font-semibold">{schema.name || title}</h1>
        <Avatars self={user} peers={peers} mode={mode} />
        <SaveWord
          state={save}
          refusals={refusals}
          columns={schema.columns}
          names={names}
          rowName={rowName}
          onDismiss={() => session.dismissRefusals()}
        />
      </header>
      {loaded && <ToolBar snapshot={snapshot} deeds={deeds} editable={editable} />}
      <Body snapshot={snapshot}>
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
        {editable && (
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
          {rowCount(document.rows.length)}
        </footer>
      </Body>
    </section>
  );
}

function ToolBar({ snapshot, deeds, editable }: { readonly snapshot: SessionSnapshot; readonly deeds: Deeds; readonly editable: boolean }) {
  if (!editable) {
    return (
      <p className="flex h-10 shrink-0 items-center border-b border-line px-4 text-sm text-muted">
        You can read this list. To edit, ask an admin of the workspace for the editor role.
      </p>
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
      {deeds.marked.length > 0 && (
        <button type="button" data-testid="trash-rows" className="control ml-auto" onClick={() => deeds.trash(deeds.marked)}>
          <Trash2 size={15} /> Trash {rowCount(deeds.marked.length)}
        </button>
      )}
    </div>
  );
}

/** The grid, or why there is none. */
function Body({ snapshot, children }: { readonly snapshot: SessionSnapshot; readonly children: ReactNode }) {
  const { link, loaded, document } = snapshot;
  const reload = (
    <button type="button" className="control control-primary" onClick={() => globalThis.location.reload()}>
      Load again
    </button>
  );
  if (link.kind === 'ended') {
    switch (link.why) {
      case 'no_access':
        return <Notice alert title="You have no access to this list">Ask an owner or admin of its workspace to add you.</Notice>;
      case 'gone':
        return <Notice alert title="This list does not exist">It was deleted, or it belongs to a workspace that you are not in. An admin can restore deleted lists.</Notice>;
      case 'quarantined':
        return <Notice alert title="This list is locked for repair" action={reload}>Something in it harmed the server. Your workspace’s operator has been told.</Notice>;
      case 'too_many_refusals':
        return <Notice alert title="Too many edits were refused" action={reload}>The refused values stay in the list at the top right until you load the page again: copy what you need.</Notice>;
      case 'outdated':
        return <Notice alert title="This page is older than the server" action={reload}>Load it again to go on.</Notice>;
      case 'signed_out':
        return <Notice alert title="You have been signed out">Sign in again to go on.</Notice>;
    }
  }
  if (!loaded && link.kind === 'waiting' && link.offline) {
    return <Notice title="You are offline">The list will load when the connection is back.</Notice>;
  }
  if (!loaded) return <GridSkeleton />;
  if (document.schema.columns.length === 0) return <Notice title="This list has no columns yet">An admin can add columns.</Notice>;
  return (
    <>
      {document.unreadableSegments > 0 && (
        <p role="alert" className="border-b border-line bg-warning-tint px-4 py-1.5 text-sm text-warning">
          Part of this list could not be read, and some rows are missing here. They are still on the server: tell your operator.
        </p>
      )}
      {children}
    </>
  );
}
