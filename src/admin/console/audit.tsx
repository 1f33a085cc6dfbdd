import { useState } from 'preact/hooks';
import { usePages } from './api';
import { Choice, ListState, More, Table, When } from './components';
import { words } from './format';

const ACTIONS = ['integration.', 'credential.', 'api_key.', 'deletion_plan.', 'vault.', 'sync_log', 'merchant.'].map(
  (start) => [start, words(start.replace(/\.$/, ''))] as const,
);

export function Audit({ query }: { query: Record<string, string> }): preact.JSX.Element {
  const [action, setAction] = useState('');
  const [actorId, setActorId] = useState('');
  const [asked, setAsked] = useState('');
  const { rows, next, error, more } = usePages('/audit', {
    ...query,
    limit: '50',
    action,
    actorId: asked,
  });
  return (
    <>
      <h1>Audit log</h1>
      <form
        class="filters"
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          setAsked(actorId.trim());
        }}
      >
        <label class="search">
          Who
          <input
            type="search"
            name="actorId"
            placeholder="All of a subject, or of a key’s id"
            value={actorId}
            onInput={(event) => setActorId(event.currentTarget.value)}
            onChange={() => setAsked(actorId.trim())}
          />
        </label>
        <Choice label="What" name="action" value={action} any="Everything" options={ACTIONS} onChange={setAction} />
        {query['merchantId'] && (
          <a class="button plain" href="#/audit">
            Of all merchants
          </a>
        )}
      </form>
      <ListState rows={rows} error={error} empty="No entry matches." />
      <Table
        label="Audit log"
        rows={rows}
        keyOf={({ id }) => id}
        columns={[
          {
            title: 'What',
            cell: (entry) => (
              <>
                {entry.subjectType === 'integration' ? (
                  <a href={`#/integrations/${entry.subjectId}`}>{words(entry.action)}</a>
                ) : (
                  words(entry.action)
                )}
                <details>
                  <summary>Details</summary>
                  <dl class="facts">
                    <Fact name={words(entry.subjectType)} value={entry.subjectId} />
                    {entry.requestId && <Fact name="Request" value={entry.requestId} />}
                    {entry.environment && <Fact name="Environment" value={entry.environment} />}
                    {Object.entries(entry.details).map(([name, value]) => (
                      <Fact key={name} name={name} value={typeof value === 'string' ? value : JSON.stringify(value)} />
                    ))}
                  </dl>
                </details>
              </>
            ),
          },
          { title: 'When', cell: (entry) => <When at={entry.at} /> },
          {
            title: 'Who',
            cell: (entry) => (
              <span>
                <span class="hint">{entry.actorKind.replace('_', ' ')}</span> <span class="id">{entry.actorId}</span>
              </span>
            ),
          },
          { title: 'Merchant', cell: (entry) => entry.merchantName ?? '–' },
          { title: 'Why', cell: (entry) => entry.reason ?? '–' },
        ]}
      />
      <More cursor={next} load={more} />
    </>
  );
}

function Fact({ name, value }: { name: string; value: string }): preact.JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd class="id">{value}</dd>
    </div>
  );
}
