import { KeyRound } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import { call } from '../api/client.ts';
import { asApiError, type ApiError } from '../api/problem.ts';
import { signedIn } from '../api/session.ts';
import { openCommand } from '../lib/open-command.ts';
import { Button } from '../ui/button.tsx';
import { Field, INPUT_CLASS } from '../ui/field.tsx';
import { Failure } from '../ui/panel.tsx';

/** The token goes to the API once and is answered with a cookie; nothing of it is kept here. */
export function SignInForm({ firstError }: { firstError?: ApiError | null }) {
  const [token, setToken] = useState('');
  const [error, setError] = useState<ApiError | null>(firstError ?? null);
  const [isBusy, setIsBusy] = useState(false);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setIsBusy(true);
    try {
      signedIn(await call('auth_login', { body: { token: token.trim() } }));
    } catch (caught) {
      setError(asApiError(caught));
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
      {error && <Failure error={error} />}
      <Field
        label="Token"
        hint={
          <>
            Where GIMO runs, <code className="code">{openCommand(window.location.pathname)}</code> makes a link to this page that signs you
            in without one. The tokens of the three roles are in the data directory, in <code className="code">keys/tokens.json</code>.
          </>
        }
      >
        {(id) => (
          <input
            id={id}
            type="password"
            autoComplete="off"
            required
            value={token}
            onChange={(event) => setToken(event.target.value)}
            className={INPUT_CLASS}
          />
        )}
      </Field>
      <Button type="submit" look="primary" icon={KeyRound} isBusy={isBusy} disabled={token.trim() === ''}>
        Sign in
      </Button>
    </form>
  );
}

export function SignInPage({ error }: { error: ApiError | null }) {
  return (
    <main className="mx-auto flex min-h-dvh max-w-md flex-col justify-center gap-6 p-6">
      <header className="flex items-center gap-3">
        <img src="/icon.svg" alt="" className="size-11" />
        <div>
          <h1 className="text-xl font-semibold">Sign in to GIMO</h1>
          <p className="text-muted">Approve plans, watch runs, answer gates.</p>
        </div>
      </header>
      <div className="rounded-2xl border border-line bg-surface p-5 shadow-(--shadow)">
        <SignInForm firstError={error} />
      </div>
    </main>
  );
}
