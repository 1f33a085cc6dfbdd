import { useEffect, useState } from 'preact/hooks';
import type { Integration } from './api';
import { Choice, ConditionBadge, CONDITIONS, ListState, More, Table, When } from './components';
import { duration, environmentName, providerChoices, providerName, queryOf, words } from './format';
import { usePages } from './reading';
import { ENVIRONMENTS } from './scope';
import { WhatIsWrong } from './what-is-wrong';

const ERRORS = [
  'provider_credentials_rejected',
  'provider_error',
  'provider_timeout',
  'rate_limited',
  'invalid_request',
  'unavailable',
  'internal_error',
];
const LATE = ['5', '15', '60', '1440'];
const choices = (): [name: string, label: string, options: readonly (readonly [string, string])[]][] => [
  ['provider', 'Provider', providerChoices()],
  ['environment', 'Environment', ENVIRONMENTS],
  ['condition', 'Condition', Object.entries(CONDITIONS).map(([value, { name }]) => [value, name])],
  ['status', 'Status', ['connected', 'error', 'syncing', 'idle'].map((value) => [value, words(value)])],
  ['lateByMinutes', 'Behind by', LATE.map((value) => [value, duration(Number(value) * 60_000)])],
  ['errorCode', 'Last error', ERRORS.map((value) => [value, words(value)])],
];

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
        {choices().map(([name, label, options]) => (
          <Choice
            key={name}
            label={label}
            name={name}
            value={query[name]}
            options={options}
            onChange={(value) => go({ ...query, search, [name]: value })}
          />
        ))}
        {queryOf(query) !== '' && (
          <a class="button plain" href="#/integrations" onClick={() => setSearch('')}>
            Clear
          </a>
        )}
      </form>
      {query['finding'] && <p class="hint">Those of the finding “{words(query['finding'])}”.</p>}
      <ListState
        rows={rows}
        error={error}
        empty={queryOf(query) === '' ? 'There is no integration yet.' : 'No integration matches.'}
      />
      <Table
        label="Integrations"
        rows={rows}
        keyOf={({ id }) => id}
        sort={query['sort']}
        onSort={(sort) => go({ ...query, sort })}
        columns={[
          {
            title: 'Merchant',
            sortBy: 'merchant',
            cell: (row) => <a href={`#/integrations/${row.id}`}>{row.merchantName ?? row.merchantId}</a>,
          },
          {
            title: 'Provider',
            cell: (row) => (
              <span>
                {providerName(row.provider)} <span class="hint">{environmentName(row.environment)}</span>
              </span>
            ),
          },
          { title: 'Condition', cell: (row) => <ConditionBadge integration={row} /> },
          { title: 'Last good sync', sortBy: 'last_sync', cell: (row) => <When at={row.lastSyncAt} /> },
          { title: 'Next', sortBy: 'next_run', cell: (row) => <Next integration={row} /> },
          {
            title: 'Behind',
            sortBy: 'lateness',
            cell: (row) => (row.latenessMs ? duration(row.latenessMs) : '–'),
          },
          {
            title: 'What is wrong',
            class: 'wrong',
            cell: (row) => <WhatIsWrong integration={row} />,
          },
        ]}
      />
      <More cursor={next} load={more} />
    </>
  );
}

/** While the provider has an incident, no time is the right one. */
function Next({ integration }: { integration: Integration }): preact.JSX.Element {
  if (integration.condition === 'waiting_for_provider') return <span>after the incident</span>;
  return <When at={integration.nextDueAt} empty="none" />;
}

function go(query: Record<string, string>): void {
  location.hash = `#/integrations${queryOf(query)}`;
}
