/**
 * Who is signed in. The access token lives in memory only; the refresh token is a cookie that scripts cannot read.
 *
 * 1. The refresh token rotates, and using one twice ends the sign-in: tabs take turns at refreshing.
 * 2. A call that meets an expired access token refreshes once and is made again.
 * 3. Who never signed in here, or has signed out, is not asked for: a mark beside the cookie says so.
 */

import { create } from 'zustand';

import { type Call, Problem, request } from '../api/http.ts';

export interface Person {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly hue: number;
}

interface SignIn {
  readonly user: Person;
  readonly access_token: string;
}

export type Account =
  /** The cookie has not been asked yet. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'signed_out' }
  | { readonly kind: 'signed_in'; readonly user: Person; readonly token: string };

export const useAccount = create<{ readonly account: Account }>()(() => ({ account: { kind: 'unknown' } }));

const SIGN_IN_REFUSED = 401;
/** Rule 3: set while this browser holds a refresh cookie, which scripts cannot see. */
const MARK = 'rowhouse.signed-in';

function take({ user, access_token: token }: SignIn): void {
  globalThis.localStorage.setItem(MARK, 'yes');
  useAccount.setState({ account: { kind: 'signed_in', user, token } });
}

function leave(): void {
  globalThis.localStorage.removeItem(MARK);
  useAccount.setState({ account: { kind: 'signed_out' } });
}

function token(): string | null {
  const { account } = useAccount.getState();
  return account.kind === 'signed_in' ? account.token : null;
}

/** Signs in. Throws `Problem` when the e-mail address or the password is wrong. */
export async function signIn(email: string, password: string): Promise<void> {
  take(await request<SignIn>('/api/auth/login', { method: 'POST', body: { email, password } }));
}

/** Makes an account and signs in. Throws `Problem` when the address is taken or a field is not accepted. */
export async function register(name: string, email: string, password: string): Promise<void> {
  take(await request<SignIn>('/api/auth/register', { method: 'POST', body: { name, email, password } }));
}

export async function signOut(): Promise<void> {
  await request('/api/auth/logout', { method: 'POST' });
  leave();
}

/** Rule 1: one tab of the browser at a time. */
async function inTurn<T>(action: () => Promise<T>): Promise<T> {
  return navigator.locks ? navigator.locks.request('rowhouse.refresh', action) : action();
}

let refreshing: Promise<void> | null = null;

/** Gets an access token for the cookie's refresh token; signed out when there is none that is good. */
export function refresh(): Promise<void> {
  refreshing ??= inTurn(() => request<SignIn>('/api/auth/refresh', { method: 'POST' }))
    .then(take)
    .catch((error: unknown) => {
      if (!(error instanceof Problem) || error.status !== SIGN_IN_REFUSED) throw error;
      leave();
    })
    .finally(() => (refreshing = null));
  return refreshing;
}

/** Finds out who is here: asks for a token only where somebody has signed in (rule 3). */
export async function recall(): Promise<void> {
  if (globalThis.localStorage.getItem(MARK) === null) leave();
  else await refresh();
}

/** Does something with the access token of the person who is signed in; once more with a fresh one where it has expired (rule 2). */
export async function asPerson<T>(act: (token: string | null) => Promise<T>): Promise<T> {
  const used = token();
  try {
    return await act(used);
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== SIGN_IN_REFUSED || used === null) throw error;
    if (token() === used) await refresh();
    return act(token());
  }
}

/** Makes a call as the person who is signed in. Throws as `request` does. */
export function call<T>(path: string, options: Call = {}): Promise<T> {
  return asPerson((used) => request<T>(path, { ...options, token: used }));
}
