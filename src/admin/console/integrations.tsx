import { useEffect, useState } from 'preact/hooks';
import { usePages } from './api';
import { Choice, HealthBadge, ListState, More, Table, When } from './components';
import { duration, PROVIDER_IDS, providerName, queryOf, words } from './format';

const CHOICES: Record<string, [label: string, values: string[]]> = {
  provider: ['Provider', [...PROVIDER_IDS]],
  environment: ['Environment', ['sandbox', 'live']],
  health: ['Health', ['healthy', 'degraded', 'paused']],
  status: ['Status', ['connected', 'error', 'syncing', 'idle']],
  lateByMinutes: ['Behind by', ['5', '15', '60', '1440']],
  errorCode: [
    'Last error',
    [
      'provider_credentials_rejected',
      'provider_error',
      'provider_timeout',
      'rate_limited',
      'invalid_request',
      'unavailable',
      'internal_error',
    ],
  ],
};

export function Integrations({ query }: { query: Record<string, string> }): preact.JSX.Element {
  const [search, setSearch] = useState(query['search'] ?? '');
  const { rows, next, error, more } = usePages('/integrations', { ...query, limit: '25' });
  useEffect(() => {
    const timer = setTimeout(() => {
      if (search !== (query['search'] ?? '')) go({ ...query, search });
    }, 250);
    return () => clearTimeout(timer);
  }, [search]);
  return (
    <>
      <h1>Integrations</h1>
      <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
        <label class="search">
          Search
          <input
            type="search"
            name="search"
            placeholder="Merchant, or an id"
            value={search}
            onInput={(event) => setSearch(event.currentTarget.value)}
          />
        </label>
        {Object.entries(CHOICES).map(([name, [label, values]]) => (
          <Choice
            key={name}
            label={label}
            name={name}
            value={query[name]}
            options={values.map((value) => [value, optionOf(name, value)])}
            onChange={(value) => go({ ...query, search, [name]: value })}
          />
        ))}
        {queryOf(query) !== '' && (
          <a class="button plain" href="#/integrations" onClick={() => setSearch('')}>
            Clear
          </a>
        )}
      </form>
      <ListState rows={rows} error={error} empty="No integration matches." />
      <Table
        label="Integrations"
        rows={rows}
        keyOf={({ id }) => id}
        columns={[
          {
            title: 'Merchant',
            cell: (row) => <a href={`#/integrations/${row.id}`}>{row.merchantName ?? row.merchantId}</a>,
          },
          {
            title: 'Provider',
            cell: (row) => (
              <span>
                {providerName(row.provider)} <span class="hint">{row.environment}</span>
              </span>
            ),
          },
          { title: 'Health', cell: (row) => <HealthBadge integration={row} /> },
          { title: 'Last good sync', cell: (row) => <When at={row.lastSyncAt} /> },
          { title: 'Next', cell: (row) => <When at={row.nextDueAt} empty="none" /> },
          {
            title: 'What is wrong',
            class: 'wrong',
            cell: (row) =>
              row.lastError ?? row.pauseReason ?? (row.latenessMs ? `${duration(row.latenessMs)} behind` : '–'),
          },
        ]}
      />
      <More cursor={next} load={more} />
    </>
  );
}

function optionOf(name: string, value: string): string {
  if (name === 'provider') return providerName(value);
  if (name === 'lateByMinutes') return duration(Number(value) * 60_000);
  return words(value);
}

function go(query: Record<string, string>): void {
  location.hash = `#/integrations${queryOf(query)}`;
}
