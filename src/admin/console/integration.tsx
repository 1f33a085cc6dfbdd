import { useState } from 'preact/hooks';
import { post, type Entry, type Integration as IntegrationData, type LiveRun } from './api';
import { StackedBars } from './charts';
import {
  Card,
  ConditionBadge,
  Empty,
  Fact,
  Loading,
  Notice,
  OperationDialog,
  When,
  type OperatorAction,
} from './components';
import { Findings, type Finding } from './findings';
import { duration, environmentName, number, providerName, words } from './format';
import { LiveProgress } from './live';
import { usePlace } from './place';
import { useLoaded } from './reading';
import { Reasons } from './reasons';
import { Timeline } from './timeline';
import { Told } from './told';
import { EndpointsInNeed } from './webhook-endpoints';
import { waitOf } from './what-is-wrong';

type Explanation = Entry<'/integrations/{id}/explain'>;
type DayOfResource = Entry<'/integrations/{id}/activity'>;

const EVERY_MS = 3_000;

export function Integration(props: { id: string; live: LiveRun[] | null; mayOperate: boolean }): preact.JSX.Element {
  const { id, mayOperate } = props;
  const loaded = useLoaded('/integrations/{id}', { id }, EVERY_MS);
  const explained = useLoaded('/integrations/{id}/explain', { id }, EVERY_MS);
  const activity = useLoaded('/integrations/{id}/activity', { id, days: '14' });
  const quarantine = useLoaded('/integrations/{id}/quarantine', { id, limit: '10' });
  const found = useLoaded('/integrations/{id}/findings', { id });
  const [action, setAction] = useState<OperatorAction | null>(null);
  const [changes, setChanges] = useState(0);
  usePlace({ name: loaded.data?.data.merchantName ?? id });
  if (!loaded.data) return loaded.error ? <Notice error={loaded.error} /> : <Loading />;
  const integration = loaded.data.data;
  const run = props.live?.find(({ integrationId }) => integrationId === id);
  const name = integration.merchantName ?? 'this merchant';
  const since = pausedSince(integration);
  const findings = found.data?.data ?? [];
  const stopped = findings.find(({ stopsRuns }) => stopsRuns);
  const needsCredentials = integration.breaker !== 'closed' && integration.breakerCause === 'auth';
  const paused = integration.operatorPaused || integration.health === 'paused';
  const does =
    (path: 'sync' | 'pause' | 'resume', more: { fullResync?: boolean } = {}) =>
    async (reason: string) => {
      await post(`/integrations/{id}/${path}`, { id }, { ...more, reason });
      loaded.reload();
      explained.reload();
      setChanges((count) => count + 1);
    };
  return (
    <>
      <header class="title">
        <div>
          <h1>{integration.merchantName ?? integration.merchantId}</h1>
          <p class="hint">
            <a href={`#/merchants/${integration.merchantId}`}>Merchant</a> · {providerName(integration.provider)} ·{' '}
            {environmentName(integration.environment)} · every{' '}
            {integration.intervalMinutes === null ? '–' : duration(integration.intervalMinutes * 60_000)}
          </p>
        </div>
        <ConditionBadge integration={integration} beside={findings.length > 0} />
        {mayOperate && integration.state === 'active' && (
          <div class="actions">
            {!paused && (
              <button type="button" class="primary" onClick={() => setAction(syncNow(name, does('sync')))}>
                Sync now
              </button>
            )}
            {paused && (
              <button
                type="button"
                class={needsCredentials ? 'plain' : 'primary'}
                onClick={() => setAction(resume(name, does('resume'), needsCredentials))}
              >
                Resume
              </button>
            )}
            {!paused && (
              <button
                type="button"
                class="plain"
                onClick={() => setAction(syncNow(name, does('sync', { fullResync: true }), true))}
              >
                Full resync
              </button>
            )}
            {!integration.operatorPaused && (
              <button type="button" class="plain" onClick={() => setAction(pause(name, does('pause')))}>
                Pause
              </button>
            )}
          </div>
        )}
      </header>
      <Notice error={loaded.error ?? found.error} />
      <Findings findings={findings.map((one) => ({ ...one, merchants: [] }))} />
      <EndpointsInNeed merchantId={integration.merchantId} environment={integration.environment} />
      <div class="grid">
        <Card title="Why" wide>
          {explained.data ? (
            <Why explanation={explained.data.data} stopped={stopped} wait={waitOf(integration)} />
          ) : (
            <Loading />
          )}
          {run && (
            <div class="under-way">
              <a href={`#/runs/${run.runId}`}>The run under way</a>
              <LiveProgress run={run} />
            </div>
          )}
        </Card>
        <Card title="Now">
          <dl class="facts">
            <Fact name="Last good sync">
              <When at={integration.lastSyncAt} />
            </Fact>
            {since && (
              <Fact name="Paused since">
                <When at={since} />
              </Fact>
            )}
            <Fact name="Next sync">
              {stopped ? (
                'when what stops it is over'
              ) : (
                <When at={explained.data?.data.nextExpectedStart} empty={explained.data ? 'none scheduled' : '…'} />
              )}
            </Fact>
            <Fact name="Behind its interval">{integration.latenessMs ? duration(integration.latenessMs) : 'no'}</Fact>
            <Fact name="Failures in a row">{number(integration.consecutiveErrors)}</Fact>
            <Fact name="Breaker">
              {words(integration.breaker)}
              {integration.breakerCause ? ` (${integration.breakerCause})` : ''}
            </Fact>
            <Fact name="Credential">
              {integration.configuration['credentialHint']
                ? `ends in ${String(integration.configuration['credentialHint'])}`
                : '–'}
            </Fact>
            {integration.credentialsExpireAt && (
              <Fact
                name={Date.parse(integration.credentialsExpireAt) > Date.now() ? 'Credential ends' : 'Credential ended'}
              >
                <When at={integration.credentialsExpireAt} />
              </Fact>
            )}
          </dl>
        </Card>
        <Card title="Records">
          <Resources records={integration.records ?? []} days={activity.data?.data ?? []} />
        </Card>
        {(quarantine.data?.data.length ?? 0) > 0 && (
          <Card title="Could not be understood" wide>
            <ul class="rows">
              {quarantine.data!.data.map((row) => (
                <li key={row.id}>
                  <span class="grow">
                    <b>
                      {words(row.resourceType)} {row.externalId ?? 'without an id'}
                    </b>
                    <br />
                    <span class="hint">
                      <code>{row.path}</code> {row.reason}
                    </span>
                  </span>
                  <span class="hint">
                    {row.timesSeen}×, <When at={row.lastSeenAt} />
                  </span>
                </li>
              ))}
            </ul>
          </Card>
        )}
        <Card title="Timeline" wide>
          <Timeline id={id} changes={changes} />
        </Card>
      </div>
      {action && <OperationDialog action={action} close={() => setAction(null)} />}
    </>
  );
}

/** Of what decides: an operator’s pause, the merchant’s switch, or the breaker. */
function pausedSince(integration: IntegrationData): string | null {
  return integration.operatorPausedAt ?? integration.toggledOffAt ?? integration.breakerOpenedAt;
}

function Why(props: {
  explanation: Explanation;
  stopped: Finding | undefined;
  wait: string | null;
}): preact.JSX.Element {
  const { explanation, stopped, wait } = props;
  return (
    <>
      <p class="lead">
        {stopped ? (
          `No sync starts now: ${stopped.title}.`
        ) : explanation.willRun ? (
          <>
            The next sync is expected <When at={explanation.nextExpectedStart} empty="soon" />.
          </>
        ) : (
          'No sync will run by itself.'
        )}
        {wait !== null && (
          <>
            {' '}
            <Told text={wait} />
          </>
        )}
      </p>
      <Reasons reasons={explanation.reasons.filter(({ code }) => !stopped || code !== 'scheduled')} />
    </>
  );
}

function Resources(props: {
  records: NonNullable<IntegrationData['records']>;
  days: DayOfResource[];
}): preact.JSX.Element {
  if (props.records.length === 0) return <Empty>No record yet.</Empty>;
  const today = Math.floor(Date.now() / 86_400_000);
  const times = Array.from({ length: 14 }, (_, index) => (today - 13 + index) * 86_400);
  return (
    <ul class="resources">
      {props.records.map(({ resourceType, live, deleted }) => {
        const of = (key: 'created' | 'updated' | 'deleted') =>
          times.map((time) =>
            props.days
              .filter((day) => day.resourceType === resourceType && Date.parse(day.day) / 1000 === time)
              .reduce((sum, day) => sum + day[key], 0),
          );
        return (
          <li key={resourceType}>
            <div>
              <b>{words(resourceType)}</b>
              <span class="big">{number(live)}</span>
              <span class="hint">{deleted > 0 ? `${number(deleted)} deleted` : 'changes, 14 days'}</span>
            </div>
            <StackedBars
              small
              label={`${words(resourceType)}, changes of the last 14 days`}
              times={times}
              series={[
                { label: 'Created', colour: 'ok', values: of('created') },
                { label: 'Updated', colour: 'info', values: of('updated') },
                { label: 'Deleted', colour: 'critical', values: of('deleted') },
              ]}
            />
          </li>
        );
      })}
    </ul>
  );
}

const syncNow = (name: string, run: OperatorAction['run'], full = false): OperatorAction => ({
  title: full ? 'Full resync' : 'Sync now',
  effect: full ? `Reads everything of ${name} again; this can take a while.` : `Starts a sync of ${name} at once.`,
  confirm: full ? 'Resync everything' : 'Sync now',
  run,
});
const resume = (name: string, run: OperatorAction['run'], needsCredentials: boolean): OperatorAction => ({
  title: 'Resume',
  effect: needsCredentials
    ? `The provider rejected the credentials of ${name}, and rejects them again until the merchant sends new ones. A resume ends the pause and tries once at once.`
    : `Ends the pause of ${name}, closes the breaker and starts a sync at once.`,
  confirm: 'Resume',
  run,
});
const pause = (name: string, run: OperatorAction['run']): OperatorAction => ({
  title: 'Pause',
  effect: `The schedule of ${name} stops until an operator resumes it. A running sync continues.`,
  confirm: 'Pause',
  danger: true,
  run,
});
