import { Choice, ListState, More, Table, When } from './components';
import { environmentName, number, providerName, queryOf, words } from './format';
import { usePages } from './reading';
import { ScopeFilter } from './scope';

const RESOURCES = ['customers', 'products', 'invoices', 'payments', 'devices'].map(
  (name) => [name, words(name)] as const,
);

export function Quarantine({ query }: { query: Record<string, string> }): preact.JSX.Element {
  const { rows, next, error, more } = usePages('/quarantine', { ...query, limit: '50' });
  return (
    <>
      <p class="hint">
        Rows that could not become records. The rest of their page was stored. A row that is fixed leaves this list with
        the next sync.
      </p>
      <ScopeFilter section="quarantine" query={query}>
        <Choice
          label="Resource"
          name="resourceType"
          value={query['resourceType']}
          options={RESOURCES}
          onChange={(resourceType) => void (location.hash = `#/quarantine${queryOf({ ...query, resourceType })}`)}
        />
      </ScopeFilter>
      {query['path'] && (
        <p class="hint">
          Of which <code>{query['path']}</code> was not understood
          {query['lastSeenFrom'] && (
            <>
              , and that were there since <When at={query['lastSeenFrom']} />
            </>
          )}
          . <a href="#/quarantine">Show all</a>
        </p>
      )}
      <ListState rows={rows} error={error} empty="The quarantine is empty." />
      <Table
        label="Quarantined records"
        rows={rows}
        keyOf={({ id }) => id}
        columns={[
          {
            title: 'Record',
            cell: (row) => (
              <>
                {words(row.resourceType)} {row.externalId ?? 'without an id'}
              </>
            ),
          },
          {
            title: 'Merchant',
            cell: (row) => (
              <span>
                <a href={`#/integrations/${row.integrationId}`}>{row.merchantName ?? row.integrationId}</a>
                <br />
                <span class="hint">
                  {providerName(row.provider)} · {environmentName(row.environment)}
                </span>
              </span>
            ),
          },
          {
            title: 'What was wrong',
            cell: (row) => (
              <span>
                <code>{row.path}</code> {row.reason}
              </span>
            ),
          },
          { title: 'Seen', cell: (row) => <>{number(row.timesSeen)}×</> },
          { title: 'Last', cell: (row) => <When at={row.lastSeenAt} /> },
        ]}
      />
      <More cursor={next} load={more} />
    </>
  );
}
