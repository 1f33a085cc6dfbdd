import { useEffect, useState } from 'preact/hooks';
import { ListState, More, Table, When } from './components';
import { number, queryOf, words } from './format';
import { usePages } from './reading';

export function Merchants({ query }: { query: Record<string, string> }): preact.JSX.Element {
  const [search, setSearch] = useState(query['search'] ?? '');
  const { rows, next, error, more } = usePages('/merchants', { ...query, limit: '25' });
  useEffect(() => {
    const timer = setTimeout(() => {
      if (search !== (query['search'] ?? '')) location.hash = `#/merchants${queryOf({ ...query, search })}`;
    }, 250);
    return () => clearTimeout(timer);
  }, [search]);
  return (
    <>
      <h1>Merchants</h1>
      <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
        <label class="search">
          Search
          <input
            type="search"
            name="search"
            placeholder="Name, or the id"
            value={search}
            onInput={(event) => setSearch(event.currentTarget.value)}
          />
        </label>
      </form>
      {query['finding'] && (
        <p class="hint">
          Those of the finding “{words(query['finding'])}”{query['environment'] && ` (${query['environment']})`}.{' '}
          <a href="#/merchants">Show all</a>
        </p>
      )}
      <ListState
        rows={rows}
        error={error}
        empty={queryOf(query) !== '' ? 'No merchant matches.' : 'There is no merchant yet.'}
      />
      <Table
        label="Merchants"
        rows={rows}
        keyOf={({ id }) => id}
        columns={[
          { title: 'Merchant', cell: (row) => <a href={`#/merchants/${row.id}`}>{row.name}</a> },
          {
            title: 'Integrations',
            cell: (row) =>
              row.integrations === 0
                ? 'none'
                : `${number(row.activeIntegrations)} of ${number(row.integrations)} active`,
          },
          { title: 'API keys', cell: (row) => number(row.apiKeys) },
          { title: 'Currency', cell: (row) => row.defaultCurrency },
          { title: 'Created', cell: (row) => <When at={row.createdAt} /> },
        ]}
      />
      <More cursor={next} load={more} />
    </>
  );
}
