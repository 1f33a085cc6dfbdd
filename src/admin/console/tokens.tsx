import { useState } from 'preact/hooks';
import { post, usePages } from './api';
import { type Act, ActDialog, Badge, ListState, More, Table, When } from './components';

interface Token {
  id: string;
  jti: string;
  subject: string | null;
  roles: string[];
  permissions: string[];
  createdAt: string;
  issuedBy: string | null;
  expiresAt: string | null;
  revokedAt: string | null;
  revokedBy: string | null;
}

/** Who was given a token, and until when; one by one they can be taken back. */
export function Tokens({ mayChangeKeys }: { mayChangeKeys: boolean }): preact.JSX.Element {
  const { rows, next, error, more, reload } = usePages<Token>('/tokens', { limit: '25' });
  const [act, setAct] = useState<Act | null>(null);
  const run = (token: Token) => (reason: string) =>
    post(`/tokens/${encodeURIComponent(token.jti)}/revoke`, { reason }).then(reload);
  return (
    <>
      <p class="hint">Issued with the command line or at a start. Signing out of the console revokes a token too.</p>
      <ListState rows={rows} error={error} empty="No token was issued on record." />
      {rows && rows.length > 0 && (
        <Table label="Tokens" columns={['Token', 'May', 'State', 'Issued', 'Actions']}>
          {rows.map((token) => (
            <tr key={token.id}>
              <th scope="row">
                {token.subject ?? 'Of another issuer'}
                <br />
                <code>{token.jti}</code>
              </th>
              <td data-label="May">{[...token.roles, ...token.permissions].join(', ') || '–'}</td>
              <td data-label="State">
                <State token={token} />
              </td>
              <td data-label="Issued">
                {token.issuedBy ? (
                  <>
                    <When at={token.createdAt} /> by {token.issuedBy}
                  </>
                ) : (
                  'Elsewhere'
                )}
              </td>
              <td data-label="Actions">
                {mayChangeKeys && isGood(token) ? (
                  <button
                    type="button"
                    class="plain"
                    aria-label={`Revoke the token of ${token.subject ?? token.jti}`}
                    onClick={() => setAct(revoke(token, run(token)))}
                  >
                    Revoke
                  </button>
                ) : (
                  '–'
                )}
              </td>
            </tr>
          ))}
        </Table>
      )}
      <More cursor={next} load={more} />
      {act && <ActDialog act={act} close={() => setAct(null)} />}
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

const revoke = (token: Token, run: Act['run']): Act => ({
  title: `Revoke the token of “${token.subject ?? token.jti}”`,
  effect: 'Whoever holds it is refused within seconds, for good. It cannot be given back: issue another one.',
  confirm: 'Revoke token',
  danger: true,
  run,
});
