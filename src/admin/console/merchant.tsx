import { useState } from 'preact/hooks';
import { post, type Entry, type Integration as IntegrationData } from './api';
import {
  Badge,
  ConditionBadge,
  ListState,
  Loading,
  More,
  Notice,
  OperationDialog,
  Table,
  When,
  type OperatorAction,
} from './components';
import { environmentName, number, providerName, queryOf, words } from './format';
import { NewKey } from './new-key';
import { usePlace } from './place';
import { useLoaded, usePages } from './reading';
import { EndpointsInNeed, WebhookEndpoints } from './webhook-endpoints';
import { WhatIsWrong, whatIsWrong } from './what-is-wrong';

const isInNeed = (row: IntegrationData): boolean =>
  row.condition !== 'inactive' && (row.condition !== 'healthy' || whatIsWrong(row) !== null);

/** A line for each integration that does not sync as it should; without one it is nothing. */
function IntegrationsInNeed({ merchantId }: { merchantId: string }): preact.JSX.Element | null {
  const { data } = useLoaded('/integrations', { merchantId, limit: '100' });
  const rows = data?.data.filter(isInNeed) ?? [];
  if (rows.length === 0) return null;
  return (
    <ul class="findings" aria-label="Integrations to look at">
      {rows.map((row) => (
        <li key={row.id}>
          <div>
            <a href={`#/integrations/${row.id}`}>{providerName(row.provider)}</a>{' '}
            <span class="hint">{environmentName(row.environment)}</span> <WhatIsWrong integration={row} />
          </div>
          <ConditionBadge integration={row} />
        </li>
      ))}
    </ul>
  );
}

type MerchantData = Entry<'/merchants/{id}'>;
type ApiKey = Entry<'/merchants/{id}/api-keys'>;
type NewKeyForm = Parameters<typeof post<'/merchants/{id}/api-keys'>>[2];

const SCOPES = ['integrations:*', 'integrations:read', 'integrations:write', 'sync:*', 'sync:read', 'sync:write'];
const OVERLAPS = [
  ['0', 'No overlap: it stops now'],
  ['3600', 'One hour'],
  ['86400', 'One day'],
  ['604800', 'One week'],
] as const;

export function Merchant({ id, mayChangeKeys }: { id: string; mayChangeKeys: boolean }): preact.JSX.Element {
  const loaded = useLoaded('/merchants/{id}', { id });
  const keys = usePages('/merchants/{id}/api-keys', { id, limit: '25' });
  const [action, setAction] = useState<OperatorAction | null>(null);
  const [issued, setIssued] = useState<string | null>(null);
  usePlace({ name: loaded.data?.data.name ?? id });
  if (!loaded.data) return loaded.error ? <Notice error={loaded.error} /> : <Loading />;
  const merchant = loaded.data.data;
  const changed = (): void => {
    keys.reload();
    loaded.reload();
  };
  const show = ({ data }: { data: { key: string } }): void => {
    setIssued(data.key);
    changed();
  };
  return (
    <>
      <header class="title">
        <div>
          <h1>{merchant.name}</h1>
          <p class="hint">
            <span class="id">{merchant.id}</span> · {merchant.defaultCurrency} · created{' '}
            <When at={merchant.createdAt} />
          </p>
        </div>
        <div class="actions">
          <a class="button" href={`#/integrations${queryOf({ merchantId: id })}`}>
            {number(merchant.integrations)} integration{merchant.integrations === 1 ? '' : 's'}
          </a>
          <a class="button" href={`#/audit${queryOf({ merchantId: id })}`}>
            Audit log
          </a>
        </div>
      </header>
      <IntegrationsInNeed merchantId={id} />
      <EndpointsInNeed merchantId={id} />
      {issued !== null && <NewKey apiKey={issued} done={() => setIssued(null)} />}
      <header class="section-head">
        <div>
          <h2>API keys</h2>
          <p class="hint">
            {mayChangeKeys ? 'A key is shown once, when it is made.' : 'Only the role admin can change keys.'}
          </p>
        </div>
        {mayChangeKeys && (
          <button
            type="button"
            class="primary"
            onClick={() =>
              setAction(create(merchant, (body) => post('/merchants/{id}/api-keys', { id }, body).then(show)))
            }
          >
            Create key
          </button>
        )}
      </header>
      <ListState rows={keys.rows} error={keys.error} empty="This merchant has no key." />
      <Table
        label="API keys"
        rows={keys.rows}
        keyOf={({ id }) => id}
        columns={[
          {
            title: 'Key',
            cell: (key) => (
              <>
                {key.name} <span class="hint">{environmentName(key.environment)}</span>
                <br />
                <code>{key.displayPrefix}…</code>
              </>
            ),
          },
          { title: 'State', cell: (key) => <KeyState apiKey={key} /> },
          { title: 'Scopes', cell: (key) => <code>{key.scopes.join(' ')}</code> },
          { title: 'Used from', cell: (key) => <code>{key.allowedCidrs?.join(' ') ?? 'anywhere'}</code> },
          { title: 'Last used', cell: (key) => <When at={key.lastUsedAt} /> },
          {
            title: 'Actions',
            cell: (key) =>
              mayChangeKeys && isGood(key) ? (
                <span class="row-actions">
                  <button
                    type="button"
                    class="plain"
                    aria-label={`Rotate ${key.name}`}
                    onClick={() =>
                      setAction(rotate(key, (body) => post('/api-keys/{id}/rotate', { id: key.id }, body).then(show)))
                    }
                  >
                    Rotate
                  </button>
                  <button
                    type="button"
                    class="plain"
                    aria-label={`Revoke ${key.name}`}
                    onClick={() =>
                      setAction(
                        revoke(key, (reason) =>
                          post('/api-keys/{id}/revoke', { id: key.id }, { reason }).then(changed),
                        ),
                      )
                    }
                  >
                    Revoke
                  </button>
                </span>
              ) : (
                '–'
              ),
          },
        ]}
      />
      <More cursor={keys.next} load={keys.more} />
      <WebhookEndpoints merchantId={id} />
      {action && <OperationDialog action={action} close={() => setAction(null)} />}
    </>
  );
}

const isGood = (key: ApiKey): boolean =>
  key.revokedAt === null && (key.expiresAt === null || Date.parse(key.expiresAt) > Date.now());

function KeyState({ apiKey }: { apiKey: ApiKey }): preact.JSX.Element {
  if (apiKey.revokedAt) return <Badge tone="quiet">Revoked</Badge>;
  if (!isGood(apiKey)) return <Badge tone="quiet">Expired</Badge>;
  if (!apiKey.expiresAt) return <Badge tone="ok">Good</Badge>;
  return (
    <span>
      <Badge tone="warning">Ends</Badge>{' '}
      <span class="hint">
        <When at={apiKey.expiresAt} />
      </span>
    </span>
  );
}

const create = (merchant: MerchantData, issue: (body: NewKeyForm) => Promise<void>): OperatorAction => ({
  title: 'Create an API key',
  effect: `The key acts for ${merchant.name}. It is shown once, after this step.`,
  confirm: 'Create key',
  fields: (
    <>
      <label>
        Name
        <input name="name" required maxLength={255} autocomplete="off" placeholder="What will use it" />
      </label>
      <label>
        Environment
        <select name="environment">
          <option value="sandbox">Sandbox</option>
          <option value="live">Live</option>
        </select>
      </label>
      <fieldset>
        <legend>Scopes</legend>
        {SCOPES.map((scope) => (
          <label key={scope} class="check">
            <input type="checkbox" name="scopes" value={scope} defaultChecked={scope.endsWith(':*')} /> {scope}
          </label>
        ))}
      </fieldset>
      <label>
        <span>
          Ends on <span class="hint">left empty: never</span>
        </span>
        <input type="date" name="expiresOn" />
      </label>
      <label>
        <span>
          May be used from{' '}
          <span class="hint">networks such as 203.0.113.0/24, with blanks between; empty: anywhere</span>
        </span>
        <input name="allowedCidrs" autocomplete="off" />
      </label>
    </>
  ),
  run: (reason, form) => {
    const ends = String(form.get('expiresOn'));
    const ranges = String(form.get('allowedCidrs'))
      .split(/[\s,]+/)
      .filter(Boolean);
    return issue({
      reason,
      name: String(form.get('name')).trim(),
      environment: form.get('environment') as NewKeyForm['environment'],
      scopes: form.getAll('scopes') as string[],
      ...(ranges.length > 0 ? { allowedCidrs: ranges } : {}),
      ...(ends ? { expiresAt: `${ends}T23:59:59.000Z` } : {}),
    });
  },
});

const rotate = (
  key: ApiKey,
  issue: (body: { reason: string; overlapSeconds: number }) => Promise<void>,
): OperatorAction => ({
  title: `Rotate “${key.name}”`,
  effect: 'A new key with the same rights replaces it. It is shown once, after this step.',
  confirm: 'Rotate key',
  fields: (
    <label>
      The old key still works for
      <select name="overlapSeconds">
        {OVERLAPS.map(([seconds, text]) => (
          <option key={seconds} value={seconds} selected={seconds === '86400'}>
            {text}
          </option>
        ))}
      </select>
    </label>
  ),
  run: (reason, form) => issue({ reason, overlapSeconds: Number(form.get('overlapSeconds')) }),
});

const revoke = (key: ApiKey, run: OperatorAction['run']): OperatorAction => ({
  title: `Revoke “${key.name}”`,
  effect: `Every caller with the ${words(key.environment).toLowerCase()} key ${key.displayPrefix}… is refused within a second. This cannot be undone.`,
  confirm: 'Revoke key',
  danger: true,
  run,
});
