/** The live session of the list on screen: made when it opens, closed when the person leaves it. */

import { Session, type SessionSnapshot, type Socket, TicketRefused } from '@rowhouse/sdk';
import { useEffect, useState, useSyncExternalStore } from 'react';

import { call, useAccount } from '../account/account.ts';
import { Problem } from '../api/http.ts';

const ENDINGS = { 401: 'signed_out', 403: 'no_access', 404: 'gone' } as const;

async function ticketFor(listId: string): Promise<string> {
  try {
    const { ticket } = await call<{ readonly ticket: string }>(`/api/lists/${listId}/ticket`, { method: 'POST' });
    return ticket;
  } catch (error) {
    const why = error instanceof Problem ? ENDINGS[error.status as keyof typeof ENDINGS] : undefined;
    if (why === undefined) throw error;
    if (why === 'signed_out') useAccount.setState({ account: { kind: 'signed_out' } });
    throw new TicketRefused(why);
  }
}

function openSocket(listId: string, ticket: string): Socket {
  const url = new URL(`/ws/lists/${listId}`, globalThis.location.href);
  url.protocol = url.protocol.replace('http', 'ws');
  url.search = new URLSearchParams({ ticket, client: 'rowhouse' }).toString();
  return new WebSocket(url);
}

function makeSession(listId: string): Session {
  return new Session({
    ticket: () => ticketFor(listId),
    open: (ticket) => openSocket(listId, ticket),
    after: (delayMs, action) => {
      const timer = setTimeout(action, delayMs);
      return () => clearTimeout(timer);
    },
    random: Math.random,
    now: () => new Date(),
  });
}

const nothing = (): (() => void) => () => {};
const none = (): null => null;

/** Opens the list's session and follows it; `null` for the first render. */
export function useSession(listId: string): { readonly session: Session; readonly snapshot: SessionSnapshot } | null {
  const [session, setSession] = useState<Session | null>(null);
  useEffect(() => {
    const opened = makeSession(listId);
    const online = (): void => opened.connect();
    const offline = (): void => opened.goOffline();
    globalThis.addEventListener('online', online);
    globalThis.addEventListener('offline', offline);
    setSession(opened);
    opened.connect();
    return () => {
      globalThis.removeEventListener('online', online);
      globalThis.removeEventListener('offline', offline);
      opened.close();
    };
  }, [listId]);
  const snapshot = useSyncExternalStore(session?.subscribe ?? nothing, session ? () => session.snapshot : none);
  return session && snapshot ? { session, snapshot } : null;
}

/** Asks before the page closes while edits are not saved. */
export function useUnsavedWarning({ save }: Pick<SessionSnapshot, 'save'>): void {
  const unsaved = save.kind === 'saving' || ('waiting' in save && save.waiting > 0);
  useEffect(() => {
    if (!unsaved) return undefined;
    const warn = (event: BeforeUnloadEvent): void => event.preventDefault();
    globalThis.addEventListener('beforeunload', warn);
    return () => globalThis.removeEventListener('beforeunload', warn);
  }, [unsaved]);
}
