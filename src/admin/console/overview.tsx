import { useLoaded, type LiveRun, type Overview as OverviewData } from './api';
import { StackedBars } from './charts';
import { Badge, Card, Empty, HealthBadge, Notice, When } from './components';
import { duration, number, providerName, queryOf, words } from './format';

const ERROR_COLOURS = ['c1', 'c2', 'c3', 'c4', 'c5', 'c6'];
const SIGNS = { ok: '✓', info: '✓', warning: '!', critical: '!' } as const;

export function Overview({ live }: { live: LiveRun[] | null }): preact.JSX.Element {
  const { data, error } = useLoaded('/overview', {}, 5_000);
  if (!data) return error ? <Notice error={error} /> : <p class="loading">Reading…</p>;
  const overview = data.data;
  const { headline, findings, counts } = overview;
  const hours = overview.runsByHour.map(({ hour }) => Date.parse(hour) / 1000);
  return (
    <>
      <Notice error={error} />
      <section class={`headline ${headline.level}`} aria-live="polite">
        <span class="sign" aria-hidden="true">
          {SIGNS[headline.level]}
        </span>
        <div>
          <h1>{headline.text}</h1>
          <p>
            {number(counts.active)} active integration{counts.active === 1 ? '' : 's'}, read{' '}
            <When at={overview.generatedAt} />
          </p>
        </div>
      </section>

      {findings.length > 0 && (
        <ul class="findings" aria-label="What is wrong">
          {findings.map((finding) => (
            <li key={finding.code + finding.title} class={finding.severity}>
              <div>
                <h2>
                  <Badge tone={finding.severity}>{words(finding.severity)}</Badge> {finding.title}
                </h2>
                <p>
                  {finding.since && (
                    <>
                      Since <When at={finding.since} />.{' '}
                    </>
                  )}
                  {finding.merchants.length > 0 && <>For {namesOf(finding.merchants, finding.count)}. </>}
                  {finding.next}
                </p>
              </div>
              {finding.filter && (
                <a class="button" href={linkOf(finding.filter)}>
                  Show<span class="hidden"> {finding.title}</span>
                </a>
              )}
            </li>
          ))}
        </ul>
      )}

      <div class="grid">
        <Card title="Health" aside={<a href="#/integrations">All integrations</a>}>
          <HealthBar counts={counts} />
        </Card>
        <Card title="Behind their interval">
          <Lateness buckets={overview.lateness} />
        </Card>
        <Card title="Runs, last 24 hours" wide>
          <StackedBars
            label="Runs by hour"
            times={hours}
            series={[
              { label: 'Failed', colour: 'critical', values: overview.runsByHour.map(({ failed }) => failed) },
              { label: 'Succeeded', colour: 'ok', values: overview.runsByHour.map(({ succeeded }) => succeeded) },
            ]}
          />
        </Card>
        <Card title="Why runs failed, last 24 hours" wide>
          {overview.errorsByHour.length === 0 ? (
            <Empty>No run failed.</Empty>
          ) : (
            <StackedBars label="Causes by hour" times={hours} series={causes(overview)} />
          )}
        </Card>
        <Card title="Needs attention" wide>
          {overview.attention.length === 0 ? (
            <Empty>Nothing needs attention.</Empty>
          ) : (
            <ul class="rows">
              {overview.attention.map((integration) => (
                <li key={integration.id}>
                  <a href={`#/integrations/${integration.id}`}>
                    <b>{integration.merchantName ?? integration.merchantId}</b>
                    <span class="hint">
                      {providerName(integration.provider)} · {integration.environment}
                    </span>
                  </a>
                  <span class="grow">
                    {integration.lastError ?? integration.pauseReason ?? behind(integration.latenessMs)}
                  </span>
                  <HealthBadge integration={integration} />
                </li>
              ))}
            </ul>
          )}
        </Card>
        <Card title="Running now">
          <LiveList live={live} />
        </Card>
        <Card title="Provider incidents" aside={<a href="#/incidents">All incidents</a>}>
          {overview.incidents.length === 0 ? (
            <Empty>No incident so far.</Empty>
          ) : (
            <ul class="rows">
              {overview.incidents.slice(0, 6).map((incident) => (
                <li key={incident.id}>
                  <span class="grow">
                    <b>{providerName(incident.provider)}</b> <span class="hint">{incident.environment}</span>
                    <br />
                    <span class="hint">
                      {incident.closedAt ? (
                        <>
                          lasted {duration(Date.parse(incident.closedAt) - Date.parse(incident.openedAt))}, ended{' '}
                          <When at={incident.closedAt} />
                        </>
                      ) : (
                        <>
                          since <When at={incident.openedAt} />, {incident.integrations} integrations wait
                        </>
                      )}
                    </span>
                  </span>
                  <Badge tone={incident.closedAt ? 'quiet' : 'critical'}>{incident.closedAt ? 'Over' : 'Open'}</Badge>
                </li>
              ))}
            </ul>
          )}
        </Card>
      </div>
    </>
  );
}

export function LiveList({ live }: { live: LiveRun[] | null }): preact.JSX.Element {
  if (live === null) return <p class="loading">Listening…</p>;
  if (live.length === 0) return <Empty>No sync is running.</Empty>;
  return (
    <ul class="rows">
      {live.slice(0, 8).map((run) => (
        <li key={run.runId} class="live">
          <a href={`#/integrations/${run.integrationId}`}>
            <b>{run.merchantName ?? run.integrationId}</b>
            <span class="hint">
              {providerName(run.provider)} · {words(run.trigger).toLowerCase()}
            </span>
          </a>
          <LiveProgress run={run} />
        </li>
      ))}
    </ul>
  );
}

export function LiveProgress({ run }: { run: LiveRun }): preact.JSX.Element {
  const doing =
    run.state === 'queued'
      ? run.waitReason
        ? `waits: ${words(run.waitReason).toLowerCase()}`
        : 'queued'
      : `${run.resourceType ?? 'begins'}: ${number(run.fetched)} read, ${number(run.changed)} changed`;
  return (
    <span class="grow progress">
      <span class="hint">{doing}</span>
      {run.state === 'running' && (
        <progress max={Math.max(run.resources, 1)} value={run.resourcesDone} aria-label="Resources done" />
      )}
    </span>
  );
}

function HealthBar({ counts }: { counts: OverviewData['counts'] }): preact.JSX.Element {
  const parts = [
    { name: 'Healthy', tone: 'ok', count: counts.healthy, filter: { health: 'healthy' } },
    { name: 'Failing', tone: 'warning', count: counts.degraded, filter: { health: 'degraded' } },
    { name: 'Paused', tone: 'critical', count: counts.paused, filter: { health: 'paused' } },
  ] as const;
  return (
    <>
      <svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
        {counts.active === 0 ? <rect class="fill line" width="100" height="4" /> : null}
        {parts.map((part, index) => (
          <rect
            key={part.name}
            class={`fill ${part.tone}`}
            x={(parts.slice(0, index).reduce((sum, { count }) => sum + count, 0) / Math.max(counts.active, 1)) * 100}
            width={(part.count / Math.max(counts.active, 1)) * 100}
            height="4"
          />
        ))}
      </svg>
      <dl class="counts">
        {parts.map((part) => (
          <div key={part.name}>
            <dt>
              <Badge tone={part.tone}>{part.name}</Badge>
            </dt>
            <dd>
              <a href={`#/integrations${queryOf(part.filter)}`} aria-label={`${part.name}: ${part.count}, show them`}>
                {number(part.count)}
              </a>
            </dd>
          </div>
        ))}
        <div>
          <dt>
            <Badge tone="info">Syncing</Badge>
          </dt>
          <dd>{number(counts.syncing)}</dd>
        </div>
        <div>
          <dt>
            <Badge tone="quiet">Off</Badge>
          </dt>
          <dd>{number(counts.inactive + counts.switchedOff)}</dd>
        </div>
      </dl>
    </>
  );
}

function Lateness({ buckets }: { buckets: OverviewData['lateness'] }): preact.JSX.Element {
  const most = Math.max(1, ...buckets.map(({ count }) => count));
  const tones = ['ok', 'ok', 'info', 'warning', 'critical'];
  return (
    <table class="meter">
      <tbody>
        {buckets.map(({ upToMinutes, count }, index) => (
          <tr key={String(upToMinutes)}>
            <th scope="row">{nameOf(upToMinutes, index)}</th>
            <td class="grow">
              <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
                <rect class="fill line" width="100" height="6" rx="1" />
                <rect class={`fill ${tones[index]}`} width={(count / most) * 100} height="6" rx="1" />
              </svg>
            </td>
            <td class="count">{number(count)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function nameOf(upToMinutes: number | null, index: number): string {
  if (index === 0) return 'On time';
  if (upToMinutes === null) return 'Over an hour';
  return `Up to ${upToMinutes} min`;
}

function causes(overview: OverviewData): { label: string; colour: string; values: number[] }[] {
  const codes = [...new Set(overview.errorsByHour.map(({ errorCode }) => errorCode))].slice(0, ERROR_COLOURS.length);
  return codes.map((code, index) => ({
    label: words(code),
    colour: ERROR_COLOURS[index]!,
    values: overview.runsByHour.map(({ hour }) =>
      overview.errorsByHour
        .filter((row) => row.errorCode === code && Date.parse(row.hour) === Date.parse(hour))
        .reduce((sum, { count }) => sum + count, 0),
    ),
  }));
}

function namesOf(merchants: string[], count: number): string {
  const rest = count - merchants.length;
  return rest > 0 ? `${merchants.join(', ')} and ${rest} more` : merchants.join(', ');
}

function linkOf(filter: Record<string, string>): string {
  const { list = 'integrations', ...query } = filter;
  return `#/${list}${queryOf(query)}`;
}

function behind(latenessMs: number | null): string {
  return latenessMs ? `${duration(latenessMs)} behind its interval` : '';
}
