/** The app: who is signed in decides what there is to see. */

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { Suspense, lazy, memo, useEffect, useRef, useState } from 'react';
import { BrowserRouter, Navigate, Route, Routes, useLocation } from 'react-router';
import { Toaster } from 'sonner';

import { type Person, recall, useAccount } from './account/account.ts';
import { Problem } from './api/http.ts';
import { useAtRisk, usePending, useSurroundings, useUnsavedWarning } from './list/use-session.ts';
import { useMode } from './look/theme.ts';
import { Notice, NotLoaded } from './shell/states.tsx';

const ImportPage = lazy(() => import('./pages/import-page.tsx').catch(() => ({ default: NotLoaded })));
const SignIn = lazy(() => import('./pages/sign-in.tsx'));
const ListPage = lazy(() => import('./pages/workspace.tsx').then(({ ListPage }) => ({ default: ListPage })));
const WorkspacePage = lazy(() => import('./pages/workspace.tsx').then(({ WorkspacePage }) => ({ default: WorkspacePage })));

const RETRIES_MAX = 2;
const TOASTS = {
  className: '!border-line !bg-raised !font-sans !text-sm !text-ink',
  classNames: { description: '!text-muted', actionButton: '!bg-accent !text-on-accent', cancelButton: '!bg-hover !text-ink' },
};

/** The server's refusals are final; what did not reach it is worth another try. */
function worthRetrying(failures: number, error: Error): boolean {
  return failures < RETRIES_MAX && !(error instanceof Problem && error.status < 500);
}

const queries = new QueryClient({ defaultOptions: { queries: { retry: worthRetrying, staleTime: 10_000 } } });

export function App() {
  const mode = useMode();
  return (
    <QueryClientProvider client={queries}>
      <BrowserRouter>
        <Suspense fallback={null}>
          <Door />
        </Suspense>
      </BrowserRouter>
      <Toaster theme={mode} position="bottom-center" toastOptions={TOASTS} />
    </QueryClientProvider>
  );
}

/**
 * Asks the cookie once who is here, then shows the app or the sign-in.
 *
 * Whoever is signed out with edits that are not saved stays inside until those are saved, copied or given up.
 */
function Door() {
  const account = useAccount((state) => state.account);
  const inside = useRef<Person>(undefined);
  const losing = usePending().size > 0;
  useUnsavedWarning(useAtRisk());
  useSurroundings(account.kind === 'signed_out');
  if (account.kind === 'signed_in') inside.current = account.user;
  else if (!losing) inside.current = undefined;
  const [failed, setFailed] = useState(false);
  const ask = (): void => {
    setFailed(false);
    recall().catch(() => setFailed(true));
  };
  useEffect(ask, []);
  if (inside.current) return <Inside person={inside.current} />;
  if (account.kind === 'signed_out') return <Outside />;
  if (!failed) return null;
  return (
    <div className="flex h-full">
      <Notice
        alert
        title="Rowhouse cannot be reached"
        action={
          <button type="button" className="control control-primary" onClick={ask}>
            Try again
          </button>
        }
      >
        Check the connection, then try again.
      </Notice>
    </div>
  );
}

function Outside() {
  const { pathname } = useLocation();
  return (
    <Routes>
      <Route path="/sign-in" element={<SignIn key="sign-in" kind="sign-in" />} />
      <Route path="/register" element={<SignIn key="register" kind="register" />} />
      <Route path="*" element={<Navigate to="/sign-in" replace state={{ from: pathname }} />} />
    </Routes>
  );
}

/** After signing in a person goes on to where they wanted to go. */
const Inside = memo(function Inside({ person }: { readonly person: Person }) {
  const { state } = useLocation();
  const from: unknown = state?.from;
  const home = <Navigate to={typeof from === 'string' ? from : '/'} replace />;
  return (
    <Routes>
      <Route path="/" element={<WorkspacePage person={person} />} />
      <Route path="/workspaces/:workspaceId" element={<WorkspacePage person={person} />} />
      <Route path="/lists/:listId" element={<ListPage person={person} />} />
      <Route path="/lists/:listId/import" element={<ImportPage person={person} />} />
      <Route path="/workspaces/:workspaceId/import" element={<ImportPage person={person} />} />
      <Route path="/imports/:importId" element={<ImportPage person={person} />} />
      <Route path="/sign-in" element={home} />
      <Route path="/register" element={home} />
      <Route
        path="*"
        element={
          <div className="flex h-full">
            <Notice title="There is no such page" />
          </div>
        }
      />
    </Routes>
  );
});
