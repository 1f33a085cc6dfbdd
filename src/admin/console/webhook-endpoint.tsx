import { useState } from 'preact/hooks';
import { post, type Entry } from './api';
import {
  Badge,
  Card,
  Fact,
  ListState,
  Loading,
  More,
  Notice,
  OperationDialog,
  Table,
  When,
  type OperatorAction,
} from './components';
import { duration, environmentName, number, words } from './format';
import { usePlace } from './place';
import { useLoaded, usePages } from './reading';
import { Reasons } from './reasons';
import { EndpointState, nameOf, type Endpoint } from './webhook-endpoints';
import { GivenUp } from './webhook-given-up';
import { Replay } from './webhook-replay';

type Attempt = Entry<'/webhook-endpoints/{id}/attempts'>;

const EVERY_MS = 5_000;

export function WebhookEndpoint({ id, mayOperate }: { id: string; mayOperate: boolean }): preact.JSX.Element {
  const loaded = useLoaded('/webhook-endpoints/{id}', { id }, EVERY_MS);
  const explained = useLoaded('/webhook-endpoints/{id}/explain', { id }, EVERY_MS);
  const givenUp = usePages('/webhook-endpoints/{id}/given-up', { id, limit: '25' }, EVERY_MS);
  const attempts = usePages('/webhook-endpoints/{id}/attempts', { id, limit: '25' });
  const [action, setAction] = useState<OperatorAction | null>(null);
  const known = loaded.data?.data;
  usePlace(...(known ? [{ name: known.merchantName, path: `merchants/${known.merchantId}` }] : []), {
    name: known ? nameOf(known) : id,
  });
  if (!loaded.data) return loaded.error ? <Notice error={loaded.error} /> : <Loading />;
  const endpoint = loaded.data.data;
  const changed = (): void => {
    loaded.reload();
    explained.reload();
    givenUp.reload();
    attempts.reload();
  };
  const test = async (reason: string): Promise<void> => {
    await post('/webhook-endpoints/{id}/test', { id }, { reason });
    changed();
  };
  const turn = (enabled: boolean) => async (reason: string) => {
    await post('/webhook-endpoints/{id}/switch', { id }, { reason, enabled });
    changed();
  };
  return (
    <>
      <header class="title">
        <div>
          <h1>{nameOf(endpoint)}</h1>
          <p class="hint">
            <a href={`#/merchants/${endpoint.merchantId}`}>{endpoint.merchantName}</a> · <code>{endpoint.url}</code> ·{' '}
            {environmentName(endpoint.environment)} · {endpoint.ordering} order
          </p>
        </div>
        <EndpointState endpoint={endpoint} />
        {mayOperate && (
          <div class="actions">
            <button type="button" class="primary" onClick={() => setAction(sendTest(endpoint, test))}>
              Send test event
            </button>
            <button type="button" class="plain" onClick={() => setAction(turned(endpoint, turn(!endpoint.enabled)))}>
              {endpoint.enabled ? 'Disable' : 'Enable'}
            </button>
          </div>
        )}
      </header>
      <Notice error={loaded.error} />
      <div class="grid">
        <Card title="Why" wide>
          {explained.data ? (
            <>
              <p class="lead">
                {explained.data.data.willDeliver ? 'Events are sent as they happen.' : <NotSent endpoint={endpoint} />}
              </p>
              <Reasons reasons={explained.data.data.reasons} />
            </>
          ) : (
            <Loading />
          )}
        </Card>
        <Card title="Now">
          <Facts endpoint={endpoint} />
        </Card>
        {mayOperate && (
          <Card title="Replay">
            <Replay endpoint={endpoint} act={setAction} changed={changed} />
          </Card>
        )}
      </div>
      <GivenUp endpoint={endpoint} events={givenUp} act={mayOperate ? setAction : undefined} changed={changed} />
      <header class="section-head">
        <div>
          <h2>Attempts</h2>
          <p class="hint">Of the last seven days, newest first. Answers are masked.</p>
        </div>
      </header>
      <ListState rows={attempts.rows} error={attempts.error} empty="Nothing has been sent." />
      <Attempts rows={attempts.rows} />
      <More cursor={attempts.next} load={attempts.more} />
      {action && <OperationDialog action={action} close={() => setAction(null)} />}
    </>
  );
}

/** What has not happened yet cannot wait. */
function NotSent({ endpoint }: { endpoint: Endpoint }): preact.JSX.Element {
  const { behind, disabledReason, unsignedSince } = endpoint;
  return (
    <>
      {disabledReason === null && unsignedSince !== null ? (
        <>
          Events are not sent: they cannot be signed, since <When at={unsignedSince} />.
        </>
      ) : (
        'New events are not sent now.'
      )}
      {behind === 0 && ' None waits so far.'}
    </>
  );
}

function Facts({ endpoint }: { endpoint: Endpoint }): preact.JSX.Element {
  const { position, head, behind, eventTypes, providers, integrationIds, ratePerSecond } = endpoint;
  const filters = [...(eventTypes ?? []), ...(providers ?? [])];
  return (
    <dl class="facts">
      <Fact name="Position">
        {number(position)} of {number(head)}
      </Fact>
      <Fact name="Positions still to be looked at">{behind === 0 ? 'none' : number(behind)}</Fact>
      <Fact name="Held for another try">{number(endpoint.heldEvents)}</Fact>
      <Fact name="Given up">{number(endpoint.parkedEvents)}</Fact>
      <Fact name="Removed before they were sent">{number(endpoint.missedEvents)}</Fact>
      <Fact name="Replays under way">{number(endpoint.replays)}</Fact>
      <Fact name="Failures in a row">{number(endpoint.consecutiveFailures)}</Fact>
      <Fact name="Last success">
        <When at={endpoint.lastSuccessAt} />
      </Fact>
      <Fact name="Filters">
        {filters.join(', ') || 'all events'}
        {integrationIds && `, ${number(integrationIds.length)} integrations`}
      </Fact>
      <Fact name="Rate">{ratePerSecond === null ? 'no limit' : `${number(ratePerSecond)} a second`}</Fact>
    </dl>
  );
}

function Attempts({ rows }: { rows: readonly Attempt[] | null }): preact.JSX.Element {
  return (
    <Table
      label="Attempts"
      rows={rows}
      keyOf={({ eventId, attemptedAt }) => `${eventId} ${attemptedAt}`}
      columns={[
        {
          title: 'Event',
          cell: (row) => (
            <>
              {row.eventType} <span class="hint">try {row.attempt}</span>
              <br />
              <code>{row.eventId}</code>
            </>
          ),
        },
        {
          title: 'Outcome',
          cell: (row) => (
            <>
              <Badge tone={row.error === null ? 'ok' : 'warning'}>{row.status ?? 'No answer'}</Badge>
              {row.error !== null && <span class="hint"> {row.error}</span>}
            </>
          ),
        },
        { title: 'Took', cell: (row) => duration(row.durationMs), class: 'count' },
        { title: 'Answer', cell: (row) => (row.answer === null ? '–' : <code>{row.answer.slice(0, 200)}</code>) },
        {
          title: 'Next',
          cell: (row) => (
            <>
              {row.nextAction === 'none' ? '–' : words(row.nextAction)}{' '}
              {row.nextAttemptAt && (
                <>
                  {Date.parse(row.nextAttemptAt) < Date.now() && 'was due '}
                  <When at={row.nextAttemptAt} />
                </>
              )}
            </>
          ),
        },
        { title: 'When', cell: (row) => <When at={row.attemptedAt} /> },
      ]}
    />
  );
}

const sendTest = (endpoint: Endpoint, run: OperatorAction['run']): OperatorAction => ({
  title: 'Send a test event',
  effect: `A signed example of sync.completed goes to ${new URL(endpoint.url).host}, once. It does not count for the endpoint’s health.`,
  confirm: 'Send it',
  run,
});

const turned = (endpoint: Endpoint, run: OperatorAction['run']): OperatorAction =>
  endpoint.enabled
    ? {
        title: 'Disable the endpoint',
        effect: 'Nothing is sent until it is enabled. What happens meanwhile is kept 30 days.',
        confirm: 'Disable it',
        danger: true,
        run,
      }
    : {
        title: 'Enable the endpoint',
        effect: `It goes on where it stands: ${number(endpoint.behind)} positions of the log are behind it.`,
        confirm: 'Enable it',
        run,
      };
