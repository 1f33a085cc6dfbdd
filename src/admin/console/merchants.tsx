import { useEffect, useState } from 'preact/hooks';
import { usePages } from './api';
import { ListState, More, Table, When } from './components';
import { number, queryOf } from './format';

export interface Merchant {
  id: string;
  name: string;
  defaultCurrency: string;
  createdAt: string;
  integrations: number;
  activeIntegrations: number;
  apiKeys: number;
}

export function Merchants({ query }: { query: Record<string, string> }): preact.JSX.Element {
  const [search, setSearch] = useState(query['search'] ?? '');
  const { rows, next, error, more } = usePages<Merchant>('/merchants', { ...query, limit: '25' });
  useEffect(() => {
    const timer = setTimeout(() => {
      if (search !== (query['search'] ?? '')) location.hash = `#/merchants${queryOf({ search })}`;
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
      <ListState rows={rows} error={error} empty="No merchant is called that." />
      {rows && rows.length > 0 && (
        <Table label="Merchants" columns={['Merchant', 'Integrations', 'API keys', 'Currency', 'Since']}>
          {rows.map((row) => (
            <tr key={row.id}>
              <th scope="row">
                <a href={`#/merchants/${row.id}`}>{row.name}</a>
              </th>
              <td data-label="Integrations">
                {number(row.activeIntegrations)} of {number(row.integrations)} active
              </td>
              <td data-label="API keys">{number(row.apiKeys)}</td>
              <td data-label="Currency">{row.defaultCurrency}</td>
              <td data-label="Since">
                <When at={row.createdAt} />
              </td>
            </tr>
          ))}
        </Table>
      )}
      <More cursor={next} load={more} />
    </>
  );
}
