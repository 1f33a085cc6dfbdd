import { useState } from 'preact/hooks';
import { ApiError, call, type Me } from './api';
import { Notice } from './components';

export function SignIn({ onSignedIn }: { onSignedIn: (me: Me) => void }): preact.JSX.Element {
  const [token, setToken] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setProblem(null);
    try {
      onSignedIn((await call<{ data: Me }>('POST', '/session', { token: token.trim() })).data);
    } catch (error) {
      setProblem(wordsFor(error));
    }
  };
  return (
    <main class="sign-in">
      <form class="card" onSubmit={(event) => void submit(event)}>
        <img src="/admin/assets/icon.svg" alt="" width="40" height="40" />
        <h1>Interlock console</h1>
        <label>
          Access token
          <textarea
            name="token"
            rows={4}
            spellcheck={false}
            autocomplete="off"
            required
            value={token}
            onInput={(event) => setToken(event.currentTarget.value)}
            onKeyDown={(event) => {
              // a token has no line break in it
              if (event.key !== 'Enter') return;
              event.preventDefault();
              event.currentTarget.form?.requestSubmit();
            }}
          />
        </label>
        <Notice error={problem} />
        <button type="submit" class="primary" disabled={token.trim() === ''}>
          Sign in
        </button>
        <p class="hint">
          Create one on the machine of the service: <code>npm run cli -- token issue --role admin</code>; in development
          the <code>adminToken</code> of <code>dev-credentials.json</code> is one. The roles <code>operator</code> and{' '}
          <code>viewer</code> have fewer rights. The token is stored in a cookie that scripts cannot read; signing out
          revokes it.
        </p>
      </form>
    </main>
  );
}

function wordsFor(error: unknown): string {
  if (error instanceof ApiError && error.status === 401) return 'This token is not valid, or it has expired.';
  if (error instanceof ApiError && error.status === 403) return 'This token has none of the console’s roles.';
  return error instanceof Error ? error.message : 'The action failed.';
}
