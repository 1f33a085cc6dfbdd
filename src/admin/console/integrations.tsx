import { useEffect, useState } from 'preact/hooks';
import { get, type Integration, type Page } from './api';
import { Empty, HealthBadge, More, Notice, When } from './components';
import { duration, providerName, queryOf, words } from './format';

const CHOICES: Record<string, [label: string, values: string[]]> = {
  provider: ['Provider', ['practicehub', 'wodify', 'terminal']],
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
  const [pages, setPages] = useState<{ key: string; rows: Integration[]; next: string | null } | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [search, setSearch] = useState(query['search'] ?? '');
  const key = queryOf(query);
  const load = (cursor?: string): void => {
    get<Page<Integration>>(`/integrations${queryOf({ ...query, limit: '25', cursor })}`).then(
      ({ data, nextCursor }) => {
        setError(null);
        setPages((before) => ({
          key,
          rows: cursor && before?.key === key ? [...before.rows, ...data] : data,
          next: nextCursor,
        }));
      },
      (failure: Error) => setError(failure.message),
    );
  };
  useEffect(() => load(), [key]);
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
          <label key={name}>
            {label}
            <select
              name={name}
              value={query[name] ?? ''}
              onChange={(event) => go({ ...query, search, [name]: event.currentTarget.value })}
            >
              <option value="">Any</option>
              {values.map((value) => (
                <option key={value} value={value}>
                  {optionOf(name, value)}
                </option>
              ))}
            </select>
          </label>
        ))}
        {key !== '' && (
          <a class="button plain" href="#/integrations" onClick={() => setSearch('')}>
            Clear
          </a>
        )}
      </form>
      <Notice error={error} />
      {pages && pages.rows.length === 0 && <Empty>No integration is like that.</Empty>}
      {pages && pages.rows.length > 0 && (
        <div class="card table" role="region" aria-label="Integrations" tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">Merchant</th>
                <th scope="col">Provider</th>
                <th scope="col">Health</th>
                <th scope="col">Last good sync</th>
                <th scope="col">Next</th>
                <th scope="col">What is wrong</th>
              </tr>
            </thead>
            <tbody>
              {pages.rows.map((row) => (
                <tr key={row.id}>
                  <th scope="row">
                    <a href={`#/integrations/${row.id}`}>{row.merchantName ?? row.merchantId}</a>
                  </th>
                  <td data-label="Provider">
                    {providerName(row.provider)} <span class="hint">{row.environment}</span>
                  </td>
                  <td data-label="Health">
                    <HealthBadge integration={row} />
                  </td>
                  <td data-label="Last good sync">
                    <When at={row.lastSyncAt} />
                  </td>
                  <td data-label="Next">
                    <When at={row.nextDueAt} empty="none" />
                  </td>
                  <td data-label="What is wrong" class="wrong">
                    {row.lastError ?? row.pauseReason ?? (row.latenessMs ? `${duration(row.latenessMs)} behind` : '–')}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <More cursor={pages?.next ?? null} load={() => load(pages!.next!)} />
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
