/** The live session of the list on screen, and what the page's sessions would lose. */

import { DeviceOutbox, Session, type SessionSnapshot, type Socket, TicketRefused, inWorker, newId } from '@rowhouse/sdk';
import { createContext, useContext, useEffect, useState, useSyncExternalStore } from 'react';

import { call, useAccount } from '../account/account.ts';
import { Problem } from '../api/http.ts';
import { OpenLists } from './open-lists.ts';

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

function openSocket(listId: string, ticket: string, epoch: number | null): Socket {
  const url = new URL(`/ws/lists/${listId}`, globalThis.location.href);
  url.protocol = url.protocol.replace('http', 'ws');
  url.search = new URLSearchParams({ ticket, client: 'rowhouse', ...(epoch === null ? {} : { epoch: String(epoch) }) }).toString();
  return new WebSocket(url);
}

/** Browsers offer locks to secure pages only. */
const locks: LockManager | undefined = globalThis.navigator.locks;
/** What this device keeps of people's unsaved edits. */
const device = new DeviceOutbox(globalThis.indexedDB, globalThis.IDBKeyRange, locks);

/** A worker of its own for each list that has segments. */
const segments = inWorker(() => new Worker(new URL('./segment-worker.ts', import.meta.url), { type: 'module' }));

function makeSession(listId: string, person: string): Session {
  return new Session({
    person,
    store: device.page(person, listId, newId()),
    segments,
    ticket: () => ticketFor(listId),
    open: (ticket, epoch) => openSocket(listId, ticket, epoch),
    after: (delayMs, action) => {
      const timer = setTimeout(action, delayMs);
      return () => clearTimeout(timer);
    },
    random: Math.random,
    now: () => new Date(),
  });
}

/** The sessions of this page. */
export const OpenListsContext = createContext(new OpenLists(makeSession, device));

const nothing = (): (() => void) => () => {};
const none = (): null => null;

/** Opens the list's session and follows it; `null` for the first render. */
export function useSession(listId: string, person: string): { readonly session: Session; readonly snapshot: SessionSnapshot } | null {
  const lists = useContext(OpenListsContext);
  const [open, setOpen] = useState<{ readonly listId: string; readonly session: Session } | null>(null);
  useEffect(() => {
    setOpen({ listId, session: lists.open(listId, person) });
    return () => lists.leave(listId);
  }, [lists, listId, person]);
  const session = open?.listId === listId ? open.session : null;
  const snapshot = useSyncExternalStore(session?.subscribe ?? nothing, session ? () => session.snapshot : none);
  return session && snapshot ? { session, snapshot } : null;
}

/** How many edits are neither saved nor copied, by list. */
export function usePending(): ReadonlyMap<string, number> {
  const lists = useContext(OpenListsContext);
  return useSyncExternalStore(lists.subscribe, () => lists.pending);
}

/** Whether edits would be lost if the page closed now. */
export function useAtRisk(): boolean {
  const lists = useContext(OpenListsContext);
  return useSyncExternalStore(lists.subscribe, () => lists.atRisk);
}

/** Tells the sessions when the network comes and goes, when the person looks, and that they have been signed out. */
export function useSurroundings(signedOut: boolean): void {
  const lists = useContext(OpenListsContext);
  useEffect(() => {
    const online = (): void => lists.connect();
    const offline = (): void => lists.goOffline();
    const looked = (): void => {
      if (globalThis.document.visibilityState === 'visible') lists.wake();
    };
    globalThis.addEventListener('online', online);
    globalThis.addEventListener('offline', offline);
    globalThis.document.addEventListener('visibilitychange', looked);
    return () => {
      globalThis.document.removeEventListener('visibilitychange', looked);
      globalThis.removeEventListener('online', online);
      globalThis.removeEventListener('offline', offline);
    };
  }, [lists]);
  useEffect(() => {
    if (signedOut) lists.stop('signed_out');
  }, [lists, signedOut]);
}

/** Asks before the page closes while something would be lost. */
export function useUnsavedWarning(atRisk: boolean): void {
  useEffect(() => {
    if (!atRisk) return undefined;
    const warn = (event: BeforeUnloadEvent): void => event.preventDefault();
    globalThis.addEventListener('beforeunload', warn);
    return () => globalThis.removeEventListener('beforeunload', warn);
  }, [atRisk]);
}
