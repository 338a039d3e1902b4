import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';
import { call } from '../api/client.ts';
import { asApiError, type ApiError } from '../api/problem.ts';
import { refreshAll } from '../api/refresh.ts';
import { signedIn, signedOut, useSession } from '../api/session.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Failure, Skeleton } from '../ui/panel.tsx';
import { SignInForm, SignInPage } from './sign-in.tsx';

// Taken out of the address before anything is drawn, so that no history entry and no screenshot holds it.
const loginCode = takeLoginCode();
// A link that is opened where a page of ours stands already only changes the address.
window.addEventListener('hashchange', () => {
  if (readLoginCode() !== null) window.location.reload();
});

function readLoginCode(): string | null {
  return new URLSearchParams(window.location.hash.slice(1)).get('login');
}

function takeLoginCode(): string | null {
  const code = readLoginCode();
  if (code !== null) window.history.replaceState(null, '', window.location.pathname + window.location.search);
  return code;
}

async function begin(): Promise<void> {
  const session = loginCode === null ? await call('auth_session') : await call('auth_login', { body: { code: loginCode } });
  signedIn(session);
}

let beginning: Promise<void> | null = null;

/** Shows the pages to whoever is signed in. A session that ends is renewed over the page, which keeps what was typed. */
export function SessionGate({ children }: { children: ReactNode }) {
  const { is } = useSession();
  const [error, setError] = useState<ApiError | null>(null);
  const client = useQueryClient();
  useEffect(() => {
    // Once per page load: a code works a single time.
    beginning ??= begin();
    beginning.catch((caught: unknown) => {
      const problem = asApiError(caught);
      if (problem.status === 401 && loginCode === null) return signedOut();
      setError(problem);
      if (problem.status !== 0) signedOut();
    });
  }, []);
  useEffect(() => {
    if (is === 'in') void refreshAll(client);
  }, [is, client]);
  if (is === 'unknown') {
    return (
      <main className="mx-auto max-w-md p-6">
        {error ? <Failure error={error} onRetry={() => window.location.reload()} /> : <Skeleton lines={3} />}
      </main>
    );
  }
  if (is === 'out') return <SignInPage error={error} />;
  return (
    <>
      {children}
      {is === 'ended' && (
        <Dialog title="Your session has ended">
          <p className="mb-4 text-muted">Sign in again to go on. Nothing on the page behind is lost.</p>
          <SignInForm />
        </Dialog>
      )}
    </>
  );
}
