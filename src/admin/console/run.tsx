import { type Entry } from './api';
import { Badge, Card, Empty, Fact, Loading, nextStep, Notice, Table, When } from './components';
import { environmentName, number, providerName, queryOf, words } from './format';
import { usePlace } from './place';
import { useLoaded } from './reading';
import { RUN_TONES, tookOf } from './runs';

type RunData = Entry<'/runs/{id}'>;
const EVERY_MS = 3_000;
const COUNTS = ['fetched', 'created', 'updated', 'deleted', 'quarantined'] as const;
const TITLES = {
  fetched: 'Read',
  created: 'New',
  updated: 'Updated',
  deleted: 'Deleted',
  quarantined: 'Not understood',
};

/** All that is known of one run; the address can be passed on. */
export function Run({ id }: { id: string }): preact.JSX.Element {
  const loaded = useLoaded('/runs/{id}', { id }, EVERY_MS);
  usePlace({ name: loaded.data ? titleOf(loaded.data.data) : id });
  if (!loaded.data) return loaded.error ? <Notice error={loaded.error} /> : <Loading />;
  const run = loaded.data.data;
  return (
    <>
      <header class="title">
        <div>
          <h1>{titleOf(run)}</h1>
          <p class="hint">
            <a href={`#/integrations/${run.integrationId}`}>Integration</a> · {providerName(run.provider)} ·{' '}
            {environmentName(run.environment)} · <span class="id">{run.id}</span>
          </p>
        </div>
        <Badge tone={RUN_TONES[run.state]}>{words(run.state)}</Badge>
      </header>
      <Notice error={loaded.error} />
      {run.error && (
        <Card title="Why it failed" wide>
          <p class="lead">{run.error}</p>
          {run.errorCode && (
            <p class="hint">
              <code>{run.errorCode}</code>
            </p>
          )}
        </Card>
      )}
      <div class="grid">
        <Card title="When">
          <Times run={run} />
        </Card>
        <Card title="How">
          <How run={run} />
        </Card>
      </div>
      <h2>What it read</h2>
      <Streams run={run} />
      <Statements run={run} />
    </>
  );
}

const titleOf = (run: RunData): string => `${words(run.kind)} of ${run.merchantName ?? run.merchantId}`;

function Times({ run }: { run: RunData }): preact.JSX.Element {
  return (
    <dl class="facts">
      <Fact name="Asked for">
        <When at={run.createdAt} />
      </Fact>
      <Fact name="Begun">
        <When at={run.startedAt} empty="not yet" />
      </Fact>
      <Fact name="Ended">
        <When at={run.finishedAt} empty="not yet" />
      </Fact>
      <Fact name="Took">{tookOf(run)}</Fact>
      {run.waitReason && (
        <Fact name="Waits for">
          {words(run.waitReason)} {run.notBefore && <When at={run.notBefore} />}
        </Fact>
      )}
    </dl>
  );
}

function How({ run }: { run: RunData }): preact.JSX.Element {
  const mode = [run.fullResync && 'full resync', run.probe && 'probe'].filter(Boolean).join(', ');
  return (
    <dl class="facts">
      <Fact name="Asked for by">
        {words(run.trigger)}
        {mode && `, ${mode}`}
      </Fact>
      <Fact name="Attempts">{number(run.attempt)}</Fact>
      {run.deaths > 0 && <Fact name="Workers that died">{number(run.deaths)}</Fact>}
      <Fact name="Calls to the provider">{number(run.calls)}</Fact>
      <Fact name="Trace">{run.traceId ? <code>{run.traceId}</code> : 'traces were off'}</Fact>
      {run.quarantinedNow > 0 && (
        <Fact name="In quarantine">
          <a href={`#/quarantine${queryOf({ integrationId: run.integrationId })}`}>{number(run.quarantinedNow)} rows</a>
        </Fact>
      )}
      {run.planIds.length > 0 && (
        <Fact name="Deletions">
          {run.planIds.map((id) => (
            <a key={id} href={`#/deletion-plans/${id}`}>
              Deletion plan
            </a>
          ))}
        </Fact>
      )}
    </dl>
  );
}

function Streams({ run }: { run: RunData }): preact.JSX.Element {
  if (run.streams.length === 0) return <Empty>It has no log of streams.</Empty>;
  return (
    <Table
      label="Streams of the run"
      rows={run.streams}
      keyOf={({ resourceType }) => resourceType}
      columns={[
        { title: 'Stream', cell: (stream) => words(stream.resourceType) },
        { title: 'Status', cell: (stream) => words(stream.status) },
        { title: 'Took', cell: tookOf },
        ...COUNTS.map((count) => ({
          title: TITLES[count],
          class: 'count',
          cell: (stream: RunData['streams'][number]) => number(stream[count]),
        })),
      ]}
    />
  );
}

function Statements({ run }: { run: RunData }): preact.JSX.Element | null {
  const said = run.streams.filter(({ error, notes }) => error !== null || notes.length > 0);
  if (said.length === 0) return null;
  return (
    <Card title="What it says about that" wide>
      <ul class="reasons">
        {said.map(({ resourceType, error, errorCode, notes, nextAction }) => (
          <li key={resourceType}>
            <b>{words(resourceType)}</b>
            {error && (
              <p>
                {error} {errorCode && <code>{errorCode}</code>}
              </p>
            )}
            {notes.map(({ code, text }) => (
              <p key={code}>{text}</p>
            ))}
            {nextAction && nextStep(nextAction) && <p class="hint">Next: {nextStep(nextAction)}</p>}
          </li>
        ))}
      </ul>
    </Card>
  );
}
