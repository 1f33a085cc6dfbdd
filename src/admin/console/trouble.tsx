import { usePages } from './api';
import { Badge, Choice, ListState, More, Table, When } from './components';
import { duration, number, PROVIDER_IDS, providerName, queryOf, words } from './format';

const PROVIDERS = PROVIDER_IDS.map((id) => [id, providerName(id)] as const);
const ENVIRONMENTS = ['sandbox', 'live'].map((name) => [name, words(name)] as const);
const RESOURCES = ['customers', 'products', 'invoices', 'payments', 'devices'].map(
  (name) => [name, words(name)] as const,
);

interface Quarantined {
  id: string;
  integrationId: string;
  merchantName: string | null;
  environment: string;
  provider: string;
  externalId: string | null;
  resourceType: string;
  reason: string;
  path: string;
  timesSeen: number;
  firstSeenAt: string;
  lastSeenAt: string;
}

export function Quarantine({ query }: { query: Record<string, string> }): preact.JSX.Element {
  const { rows, next, error, more } = usePages<Quarantined>('/quarantine', { ...query, limit: '50' });
  const set = (name: string) => (value: string) =>
    void (location.hash = `#/quarantine${queryOf({ ...query, [name]: value })}`);
  return (
    <>
      <p class="hint">
        Rows of providers that could not be understood. The rest of their page was taken; a row that comes right leaves
        this list with the next sync.
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
      <ListState rows={rows} error={error} empty="Every row was understood." />
      {rows && rows.length > 0 && (
        <Table label="Quarantined records" columns={['Record', 'Merchant', 'What was wrong', 'Seen', 'Last']}>
          {rows.map((row) => (
            <tr key={row.id}>
              <th scope="row">
                {words(row.resourceType)} {row.externalId ?? 'without an id'}
              </th>
              <td data-label="Merchant">
                <span>
                  <a href={`#/integrations/${row.integrationId}`}>{row.merchantName ?? row.integrationId}</a>
                  <br />
                  <span class="hint">
                    {providerName(row.provider)} · {row.environment}
                  </span>
                </span>
              </td>
              <td data-label="What was wrong">
                <span>
                  <code>{row.path}</code> {row.reason}
                </span>
              </td>
              <td data-label="Seen">{number(row.timesSeen)}×</td>
              <td data-label="Last">
                <When at={row.lastSeenAt} />
              </td>
            </tr>
          ))}
        </Table>
      )}
      <More cursor={next} load={more} />
    </>
  );
}

interface Incident {
  id: string;
  provider: string;
  environment: string;
  openedAt: string;
  closedAt: string | null;
  retryAt: string | null;
  integrations: number;
}

export function Incidents({ query }: { query: Record<string, string> }): preact.JSX.Element {
  const { rows, next, error, more } = usePages<Incident>('/incidents', { ...query, limit: '25' });
  const set = (name: string) => (value: string) =>
    void (location.hash = `#/incidents${queryOf({ ...query, [name]: value })}`);
  return (
    <>
      <p class="hint">
        Several merchants saw the same provider fail at the same time. No merchant is blamed, and runs try again by
        themselves.
      </p>
      <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
        <Choice
          label="State"
          name="state"
          value={query['state']}
          options={[
            ['open', 'Open'],
            ['closed', 'Over'],
          ]}
          onChange={set('state')}
        />
        <Choice
          label="Provider"
          name="provider"
          value={query['provider']}
          options={PROVIDERS}
          onChange={set('provider')}
        />
      </form>
      <ListState rows={rows} error={error} empty="No provider has failed for several merchants." />
      {rows && rows.length > 0 && (
        <Table label="Provider incidents" columns={['Provider', 'State', 'Began', 'Lasted', 'Affects']}>
          {rows.map((incident) => (
            <tr key={incident.id}>
              <th scope="row">
                {providerName(incident.provider)} <span class="hint">{incident.environment}</span>
              </th>
              <td data-label="State">
                {incident.closedAt ? <Badge tone="quiet">Over</Badge> : <Badge tone="critical">Open</Badge>}
              </td>
              <td data-label="Began">
                <When at={incident.openedAt} />
              </td>
              <td data-label="Lasted">
                {duration(
                  (incident.closedAt ? Date.parse(incident.closedAt) : Date.now()) - Date.parse(incident.openedAt),
                )}
                {!incident.closedAt && ' so far'}
              </td>
              <td data-label="Affects">
                <a
                  href={`#/integrations${queryOf({ provider: incident.provider, environment: incident.environment })}`}
                >
                  {number(incident.integrations)} integration{incident.integrations === 1 ? '' : 's'}
                </a>
              </td>
            </tr>
          ))}
        </Table>
      )}
      <More cursor={next} load={more} />
    </>
  );
}
