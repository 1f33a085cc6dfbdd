import { type LiveRun, type Overview as OverviewData } from './api';
import { Badge, Card, ConditionBadge, Empty, Loading, Notice, When } from './components';
import { Findings } from './findings';
import { duration, environmentName, number, providerName, queryOf, words } from './format';
import { NextTry } from './incidents';
import { LiveList } from './live';
import { HealthBar, Lateness, Runs, WhyRunsFailed } from './overview-charts';
import { useLoaded } from './reading';
import { RANGES, ScopeFilter, scopeOf, type Scope } from './scope';

/** Whose code reads badly as words. */
const BECAUSE: Readonly<Record<string, string>> = {
  breaker_open: 'Paused after failing again and again',
  filters_unproven: 'Changed-since filter not proven',
  provider_clock_off: 'Clock of the provider is off',
};
const because = (code: string): string => BECAUSE[code] ?? words(code);

const SIGNS = { ok: '✓', info: 'i', warning: '!', critical: '!' } as const;

export function Overview(props: { query: Record<string, string>; live: LiveRun[] | null }): preact.JSX.Element {
  const { query } = props;
  const { data, error } = useLoaded('/overview', { ...scopeOf(query), range: query['range'] }, 5_000);
  const overview = data?.data;
  return (
    <>
      <Notice error={error} />
      {overview ? <Headline overview={overview} /> : <Loading />}
      {overview && <Findings findings={overview.findings} scope={scopeOf(query)} />}
      <ScopeFilter section="" query={query} ranges={RANGES} />
      {overview && <Cards overview={overview} query={query} live={props.live} />}
    </>
  );
}

function Headline({ overview }: { overview: OverviewData }): preact.JSX.Element {
  const { headline, counts } = overview;
  return (
    <section class={`headline ${headline.level}`} aria-live="polite">
      <span class="sign" aria-hidden="true">
        {SIGNS[headline.level]}
      </span>
      <div>
        <h1>{headline.text}</h1>
        <p>
          {number(counts.active)} active integration{counts.active === 1 ? '' : 's'}
        </p>
      </div>
    </section>
  );
}

function Cards(props: {
  overview: OverviewData;
  query: Record<string, string>;
  live: LiveRun[] | null;
}): preact.JSX.Element {
  const { overview } = props;
  const scope = scopeOf(props.query);
  return (
    <div class="grid">
      <Card title="Needs attention" wide>
        <Attention overview={overview} />
      </Card>
      <Card title="Health" aside={<a href={`#/integrations${queryOf(scope)}`}>All integrations</a>}>
        <HealthBar counts={overview.counts} scope={scope} />
      </Card>
      <Card title="Behind their interval">
        <Lateness buckets={overview.lateness} />
      </Card>
      <Card title="Why runs failed" wide>
        <WhyRunsFailed overview={overview} scope={scope} />
      </Card>
      <Card title="Runs" wide aside={<a href={`#/runs${queryOf(scope)}`}>All runs</a>}>
        <Runs overview={overview} scope={scope} />
      </Card>
      <Card title="Under way">
        <LiveList live={props.live && props.live.filter((run) => isInScope(run, scope))} />
      </Card>
      <Card title="Provider incidents" aside={<a href="#/incidents">All incidents</a>}>
        <Incidents rows={overview.incidents.slice(0, 6)} />
      </Card>
    </div>
  );
}

function Attention({ overview }: { overview: OverviewData }): preact.JSX.Element {
  const { attention: rows, findings } = overview;
  if (rows.length === 0) {
    const isMore = findings.some(({ severity }) => severity !== 'info');
    return <Empty>{isMore ? 'No single integration: what is found stands above.' : 'Nothing needs attention.'}</Empty>;
  }
  return (
    <ul class="rows">
      {rows.map((integration) => (
        <li key={integration.id}>
          <a href={`#/integrations/${integration.id}`}>
            <b>{integration.merchantName ?? integration.merchantId}</b>
            <span class="hint">
              {providerName(integration.provider)} · {environmentName(integration.environment)}
            </span>
          </a>
          <span class="grow">
            {integration.because.map(because).join(', ')}
            <br />
            <span class="hint">{detailsOf(integration).join(', ')}</span>
          </span>
          <ConditionBadge integration={integration} beside />
        </li>
      ))}
    </ul>
  );
}

function Incidents({ rows }: { rows: OverviewData['incidents'] }): preact.JSX.Element {
  if (rows.length === 0) return <Empty>No incident so far.</Empty>;
  return (
    <ul class="rows">
      {rows.map((incident) => (
        <li key={incident.id}>
          <span class="grow">
            <b>{providerName(incident.provider)}</b> <span class="hint">{environmentName(incident.environment)}</span>
            <br />
            <span class="hint">
              {incident.closedAt ? (
                <>
                  lasted {duration(Date.parse(incident.closedAt) - Date.parse(incident.openedAt))}, ended{' '}
                  <When at={incident.closedAt} />
                </>
              ) : (
                <>
                  began <When at={incident.openedAt} />, {incident.integrations}{' '}
                  {incident.integrations === 1 ? 'integration waits' : 'integrations wait'}
                  {incident.retryAt && (
                    <>
                      , next try <NextTry at={incident.retryAt} />
                    </>
                  )}
                </>
              )}
            </span>
            {incident.lastError && <p>{incident.lastError}</p>}
          </span>
          <Badge tone={incident.closedAt ? 'quiet' : incident.environment === 'sandbox' ? 'warning' : 'critical'}>
            {incident.closedAt ? 'Over' : 'Open'}
          </Badge>
        </li>
      ))}
    </ul>
  );
}

const isInScope = (row: { environment: string; provider: string }, { environment, provider }: Scope): boolean =>
  (!environment || row.environment === environment) && (!provider || row.provider === provider);

type InNeed = OverviewData['attention'][number];

/** Findings that the last failure is the reason of. */
const OF_LAST_ERROR = ['credentials_rejected', 'breaker_open', 'degraded'];

/** What is known of that for which it needs attention, and of nothing else. */
function detailsOf({ because, lastError, latenessMs }: InNeed): string[] {
  return because.flatMap((code) => {
    if (code === 'late' && latenessMs) return [`${duration(latenessMs)} behind its interval`];
    return OF_LAST_ERROR.includes(code) && lastError ? [lastError] : [];
  });
}
