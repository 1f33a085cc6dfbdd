import { Choice, ListState, More, Table, When } from './components';
import { number, PROVIDER_IDS, providerName, queryOf, words } from './format';
import { usePages } from './reading';

const PROVIDERS = PROVIDER_IDS.map((id) => [id, providerName(id)] as const);
const ENVIRONMENTS = ['sandbox', 'live'].map((name) => [name, words(name)] as const);
const RESOURCES = ['customers', 'products', 'invoices', 'payments', 'devices'].map(
  (name) => [name, words(name)] as const,
);

export function Quarantine({ query }: { query: Record<string, string> }): preact.JSX.Element {
  const { rows, next, error, more } = usePages('/quarantine', { ...query, limit: '50' });
  const set = (name: string) => (value: string) =>
    void (location.hash = `#/quarantine${queryOf({ ...query, [name]: value })}`);
  return (
    <>
      <p class="hint">
        Rows that could not become records. The rest of their page was stored. A row that is fixed leaves this list with
        the next sync.
      </p>
      <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
        <Choice
          label="Provider"
          name="provider"
          value={query['provider']}
          options={PROVIDERS}
          onChange={set('provider')}
        />
        <Choice
          label="Environment"
          name="environment"
          value={query['environment']}
          options={ENVIRONMENTS}
          onChange={set('environment')}
        />
        <Choice
          label="Resource"
          name="resourceType"
          value={query['resourceType']}
          options={RESOURCES}
          onChange={set('resourceType')}
        />
      </form>
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
                  {providerName(row.provider)} · {row.environment}
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
