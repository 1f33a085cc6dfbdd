import { Badge, Choice, ListState, More, Table, When } from './components';
import { duration, environmentName, number, providerChoices, providerName, queryOf } from './format';
import { usePages } from './reading';

/** One that is due waits for nothing but a run. */
export function NextTry({ at }: { at: string }): preact.JSX.Element {
  return Date.parse(at) > Date.now() ? <When at={at} /> : <span>now</span>;
}

export function Incidents({ query }: { query: Record<string, string> }): preact.JSX.Element {
  const { rows, next, error, more } = usePages('/incidents', { ...query, limit: '25' });
  const set = (name: string) => (value: string) =>
    void (location.hash = `#/incidents${queryOf({ ...query, [name]: value })}`);
  return (
    <>
      <p class="hint">
        Several merchants saw the same provider fail at the same time. Their integrations stay active, and runs retry by
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
          options={providerChoices()}
          onChange={set('provider')}
        />
      </form>
      <ListState rows={rows} error={error} empty="There is no incident." />
      <Table
        label="Provider incidents"
        rows={rows}
        keyOf={({ id }) => id}
        columns={[
          {
            title: 'Provider',
            cell: (incident) => (
              <>
                {providerName(incident.provider)} <span class="hint">{environmentName(incident.environment)}</span>
              </>
            ),
          },
          {
            title: 'State',
            cell: (incident) =>
              incident.closedAt ? <Badge tone="quiet">Over</Badge> : <Badge tone="critical">Open</Badge>,
          },
          { title: 'Began', cell: (incident) => <When at={incident.openedAt} /> },
          {
            title: 'Lasted',
            cell: (incident) => (
              <>
                {duration(
                  (incident.closedAt ? Date.parse(incident.closedAt) : Date.now()) - Date.parse(incident.openedAt),
                )}
                {!incident.closedAt && ' so far'}
              </>
            ),
          },
          {
            title: 'Next try',
            cell: (incident) => (incident.retryAt ? <NextTry at={incident.retryAt} /> : '–'),
          },
          { title: 'Last error', class: 'wrong', cell: (incident) => incident.lastError ?? '–' },
          {
            title: 'Affects',
            cell: (incident) => (
              <a href={`#/integrations${queryOf({ provider: incident.provider, environment: incident.environment })}`}>
                {number(incident.integrations)} integration{incident.integrations === 1 ? '' : 's'}
              </a>
            ),
          },
        ]}
      />
      <More cursor={next} load={more} />
    </>
  );
}
