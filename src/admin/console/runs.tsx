import { type Entry } from './api';
import { Badge, Choice, ListState, More, Table, When } from './components';
import { clock, duration, environmentName, number, providerChoices, providerName, queryOf, words } from './format';
import { usePages } from './reading';
import { ENVIRONMENTS } from './scope';

export const RUN_TONES = {
  succeeded: 'ok',
  failed: 'critical',
  cancelled: 'quiet',
  running: 'info',
  queued: 'info',
  waiting: 'quiet',
} as const;
const STATES = Object.keys(RUN_TONES).map((state) => [state, words(state)] as const);
export const RUN_KINDS = { sync: 'Sync', push: 'Payments pushed', erase: 'Erasure' } as const;
const KINDS = Object.entries(RUN_KINDS);

type Run = Entry<'/runs'>;

export function Runs({ query }: { query: Record<string, string> }): preact.JSX.Element {
  const { rows, next, error, more } = usePages('/runs', { ...query, limit: '50' });
  const set = (name: string) => (value: string) =>
    void (location.hash = `#/runs${queryOf({ ...query, [name]: value })}`);
  const filter = (label: string, name: string, options: readonly (readonly [string, string])[]) => (
    <Choice label={label} name={name} value={query[name]} options={options} onChange={set(name)} />
  );
  return (
    <>
      <h1>Runs</h1>
      <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
        {filter('State', 'state', STATES)}
        {filter('Kind', 'kind', KINDS)}
        {filter('Environment', 'environment', ENVIRONMENTS)}
        {filter('Provider', 'provider', providerChoices())}
        {queryOf(query) !== '' && (
          <a class="button plain" href="#/runs">
            Clear
          </a>
        )}
      </form>
      <p class="hint">{narrowed(query)}</p>
      <ListState
        rows={rows}
        error={error}
        empty={queryOf(query) === '' ? 'There has been no run yet.' : 'No run matches.'}
      />
      <Table
        label="Runs"
        rows={rows}
        keyOf={({ id }) => id}
        columns={[
          {
            title: 'Run',
            cell: (run) => (
              <a href={`#/runs/${run.id}`}>
                {words(run.kind)}, {words(run.trigger).toLowerCase()}
              </a>
            ),
          },
          {
            title: 'Merchant',
            cell: (run) => (
              <span>
                <a href={`#/integrations/${run.integrationId}`}>{run.merchantName ?? run.merchantId}</a>
                <br />
                <span class="hint">
                  {providerName(run.provider)} · {environmentName(run.environment)}
                </span>
              </span>
            ),
          },
          { title: 'State', cell: (run) => <Badge tone={RUN_TONES[run.state]}>{words(run.state)}</Badge> },
          { title: 'Last change', cell: (run) => <When at={run.changedAt} /> },
          { title: 'Took', cell: (run) => tookOf(run) },
          { title: 'Read', cell: (run) => number(run.fetched), class: 'count' },
          { title: 'Changed', cell: (run) => number(run.changed), class: 'count' },
          { title: 'What went wrong', class: 'wrong', cell: (run) => run.error ?? '–' },
        ]}
      />
      <More cursor={next} load={more} />
    </>
  );
}

export function tookOf({ startedAt, finishedAt }: Pick<Run, 'startedAt' | 'finishedAt'>): string {
  return startedAt && finishedAt ? duration(Date.parse(finishedAt) - Date.parse(startedAt)) : '–';
}

/** What a chart asked for beside the choices of the form. */
function narrowed(query: Record<string, string>): string {
  const { finishedFrom, finishedTo, errorCode, live, overdue } = query;
  return [
    finishedFrom && finishedTo ? `Ended from ${clock(finishedFrom)} to ${clock(finishedTo)}.` : '',
    errorCode ? `Failed with: ${words(errorCode).toLowerCase()}.` : '',
    live === 'true' ? 'Not ended yet.' : '',
    overdue === 'true' ? 'Due for a minute or longer, and no worker holds them.' : '',
  ]
    .filter(Boolean)
    .join(' ');
}
