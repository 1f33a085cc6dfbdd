import { useEffect, useState } from 'preact/hooks';
import { ApiError, call, type Me } from './api';
import { Notice } from './components';
import { queryOf } from './format';

interface Methods {
  openIdConnect: boolean;
  pastedToken: boolean;
  databaseProblem: string | null;
}

/** Why the sign-in at the OpenID provider let nobody in: `problem` of the address that it comes back to. */
const PROBLEMS: Readonly<Record<string, string>> = {
  expired: 'The sign-in took too long, or another browser began it. Try again.',
  refused: 'The sign-in was cancelled, or the provider refused it.',
  not_valid: 'The provider’s answer is not valid. The log of the service names the rule that it breaks.',
  unavailable: 'The OpenID provider cannot be reached. Try again, or use an access token.',
  no_role: 'Your account is in no group that has a role here. Ask an administrator.',
  disabled: 'Your account is disabled here. Ask an administrator.',
  level_too_low: 'This needs a stronger sign-in than the provider gave. Try again with a second factor.',
};

const NOBODY =
  'nobody can sign in until that is over. Check for a failover and a full disk of PostgreSQL, and that DATABASE_URL names the primary.';

export function SignIn({ onSignedIn }: { onSignedIn: (me: Me) => void }): preact.JSX.Element {
  const [methods, setMethods] = useState<Methods | null>(null);
  useEffect(() => {
    document.title = 'Sign in · Interlock';
    call<{ data: Methods }>('GET', '/session').then(
      ({ data }) => setMethods(data),
      () => setMethods({ openIdConnect: false, pastedToken: true, databaseProblem: null }),
    );
  }, []);
  const problem = problemOf(location.hash);
  return (
    <main class="sign-in">
      <div class="card">
        <img src="/admin/assets/icon.svg" alt="" width="40" height="40" />
        <h1>Interlock console</h1>
        <Notice error={problem} />
        <Notice error={methods?.databaseProblem ? `The database ${methods.databaseProblem}: ${NOBODY}` : null} />
        {methods?.openIdConnect && (
          <a class="button primary" href={`/admin/sign-in${queryOf({ page: pageOf(location.hash) })}`}>
            Sign in with your organisation
          </a>
        )}
        {methods?.pastedToken &&
          (methods.openIdConnect ? (
            <details>
              <summary>Use an access token</summary>
              <PastedToken onSignedIn={onSignedIn} />
            </details>
          ) : (
            <PastedToken onSignedIn={onSignedIn} />
          ))}
      </div>
    </main>
  );
}

function PastedToken({ onSignedIn }: { onSignedIn: (me: Me) => void }): preact.JSX.Element {
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
    <form onSubmit={(event) => void submit(event)}>
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
  );
}

function problemOf(hash: string): string | null {
  const problem = new URLSearchParams(hash.split('?')[1] ?? '').get('problem');
  return problem === null ? null : (PROBLEMS[problem] ?? 'The sign-in failed.');
}

/** Without the last problem. */
function pageOf(hash: string): string {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?');
  const values = new URLSearchParams(query);
  values.delete('problem');
  return `${path || '/'}${values.size > 0 ? `?${values}` : ''}`;
}

function wordsFor(error: unknown): string {
  if (error instanceof ApiError && error.status === 401) return 'This token is not valid, or it has expired.';
  if (error instanceof ApiError && error.code === 'wrong_origin') {
    return `The service does not know this address as its console’s. Set PUBLIC_ORIGIN to ${location.origin}.`;
  }
  if (error instanceof ApiError && error.status === 403) return 'This token has none of the console’s roles.';
  return error instanceof Error ? error.message : 'The action failed.';
}
