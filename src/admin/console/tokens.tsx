import { useState } from 'preact/hooks';
import { post, type Entry } from './api';
import { Badge, ListState, More, OperationDialog, Table, When, type OperatorAction } from './components';
import { usePages } from './reading';

type Token = Entry<'/tokens'>;

/** Who was given a token, and until when; one by one they can be taken back. */
export function Tokens({ mayChangeKeys }: { mayChangeKeys: boolean }): preact.JSX.Element {
  const { rows, next, error, more, reload } = usePages('/tokens', { limit: '25' });
  const [action, setAction] = useState<OperatorAction | null>(null);
  const run = (token: Token) => (reason: string) =>
    post('/tokens/{jti}/revoke', { jti: token.jti }, { reason }).then(reload);
  return (
    <>
      <p class="hint">Issued with the command line or at a start. Signing out of the console revokes a token too.</p>
      <ListState rows={rows} error={error} empty="No token is on record." />
      <Table
        label="Tokens"
        rows={rows}
        keyOf={({ id }) => id}
        columns={[
          {
            title: 'Token',
            cell: (token) => (
              <>
                {token.subject ?? 'Of another issuer'}
                <br />
                <code>{token.jti}</code>
              </>
            ),
          },
          { title: 'May', cell: (token) => [...token.roles, ...token.permissions].join(', ') || '–' },
          { title: 'State', cell: (token) => <State token={token} /> },
          {
            title: 'Issued',
            cell: (token) =>
              token.issuedBy ? (
                <>
                  <When at={token.createdAt} /> by {token.issuedBy}
                </>
              ) : (
                'Elsewhere'
              ),
          },
          {
            title: 'Actions',
            cell: (token) =>
              mayChangeKeys && isGood(token) ? (
                <button
                  type="button"
                  class="plain"
                  aria-label={`Revoke the token of ${token.subject ?? token.jti}`}
                  onClick={() => setAction(revoke(token, run(token)))}
                >
                  Revoke
                </button>
              ) : (
                '–'
              ),
          },
        ]}
      />
      <More cursor={next} load={more} />
      {action && <OperationDialog action={action} close={() => setAction(null)} />}
    </>
  );
}

const isGood = (token: Token): boolean =>
  token.revokedAt === null && (token.expiresAt === null || Date.parse(token.expiresAt) > Date.now());

function State({ token }: { token: Token }): preact.JSX.Element {
  if (token.revokedAt) {
    return (
      <span>
        <Badge tone="quiet">Revoked</Badge>{' '}
        <span class="hint">
          <When at={token.revokedAt} /> by {token.revokedBy}
        </span>
      </span>
    );
  }
  if (!isGood(token)) return <Badge tone="quiet">Expired</Badge>;
  return (
    <span>
      <Badge tone="ok">Good</Badge>{' '}
      <span class="hint">
        until <When at={token.expiresAt} />
      </span>
    </span>
  );
}

const revoke = (token: Token, run: OperatorAction['run']): OperatorAction => ({
  title: `Revoke the token of “${token.subject ?? token.jti}”`,
  effect: 'Its holder is refused within seconds. This cannot be undone: issue another token instead.',
  confirm: 'Revoke token',
  danger: true,
  run,
});
