import { afterEach, expect, test, vi } from 'vitest';

import { call, recall, refresh, signIn, signOut, useAccount } from '../src/account/account.ts';
import { Problem } from '../src/api/http.ts';

const ANA = { id: 'user-ana-0000000', email: 'ana@example.com', name: 'Ana', hue: 10 };

interface Heard {
  readonly path: string;
  readonly token: string | null;
}

/** Stands for the server: answers by path, and says what it heard. */
function serve(answer: (heard: Heard) => { readonly status: number; readonly body: unknown }): Heard[] {
  const heard: Heard[] = [];
  vi.stubGlobal('fetch', async (path: string, { headers }: { headers: Record<string, string> }) => {
    const asked = { path, token: headers['Authorization']?.slice('Bearer '.length) ?? null };
    heard.push(asked);
    const { status, body } = answer(asked);
    return new Response(status === 204 ? null : JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
  });
  return heard;
}

const signedIn = (token: string) => ({ status: 200, body: { user: ANA, access_token: token, expires_in: 900 } });
const refused = (code: string) => ({ status: 401, body: { code, detail: 'Sign in again.', status: 401 } });

afterEach(() => {
  vi.unstubAllGlobals();
  useAccount.setState({ account: { kind: 'unknown' } });
  localStorage.clear();
});

test('[WEB-29] the access token stays in memory', async () => {
  serve(() => signedIn('secret-token'));
  await signIn('ana@example.com', 'rowhouse-demo');
  expect(useAccount.getState().account).toMatchObject({ kind: 'signed_in', user: ANA });
  expect(JSON.stringify({ ...localStorage, ...sessionStorage })).not.toContain('secret-token');
  expect(document.cookie).not.toContain('secret-token');
});

test('[WEB-29] an expired token is refreshed once for all calls that meet it, and they are made again', async () => {
  useAccount.setState({ account: { kind: 'signed_in', user: ANA, token: 'old' } });
  const heard = serve(({ path, token }) => {
    if (path === '/api/auth/refresh') return signedIn('new');
    return token === 'old' ? refused('expired_credentials') : { status: 200, body: { path } };
  });
  const answers = await Promise.all([call('/api/a'), call('/api/b')]);
  expect(answers).toEqual([{ path: '/api/a' }, { path: '/api/b' }]);
  expect(heard.filter(({ path }) => path === '/api/auth/refresh')).toHaveLength(1);
});

test('a cookie that is no good any more signs out; a server that is away does not', async () => {
  serve(() => refused('revoked_credentials'));
  await refresh();
  expect(useAccount.getState().account).toEqual({ kind: 'signed_out' });
  useAccount.setState({ account: { kind: 'unknown' } });
  serve(() => ({ status: 503, body: { code: 'busy', detail: 'Try again in a moment.' } }));
  await expect(refresh()).rejects.toBeInstanceOf(Problem);
  expect(useAccount.getState().account).toEqual({ kind: 'unknown' });
});

test('a visitor who never signed in, or has signed out, is not asked for', async () => {
  const heard = serve(({ path }) => (path === '/api/auth/logout' ? { status: 204, body: null } : signedIn('token')));
  await recall();
  expect(useAccount.getState().account).toEqual({ kind: 'signed_out' });
  expect(heard).toEqual([]);
  await signIn('ana@example.com', 'rowhouse-demo');
  await recall();
  await signOut();
  await recall();
  expect(heard.map(({ path }) => path)).toEqual(['/api/auth/login', '/api/auth/refresh', '/api/auth/logout']);
});

test('a problem carries the server’s sentence, code and fields', async () => {
  serve(() => ({ status: 422, body: { code: 'invalid_request', detail: 'name: too long', errors: [{ field: 'name', message: 'too long' }] } }));
  await expect(call('/api/a')).rejects.toMatchObject({ status: 422, code: 'invalid_request', message: 'name: too long', fields: [{ field: 'name' }] });
});
