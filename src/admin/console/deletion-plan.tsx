import type { ComponentChildren } from 'preact';
import { post, type Entry } from './api';
import { Badge, Card, Fact, ListState, Loading, More, Notice, Table, When } from './components';
import { Decisions } from './decisions';
import { environmentName, money, number, providerName, words } from './format';
import { usePlace } from './place';
import { useLoaded, usePages } from './reading';

type Plan = Entry<'/deletion-plans'>;

export const PLAN_TONES = { held: 'warning', approved: 'quiet', discarded: 'quiet' } as const;
/** It is counted over the whole plan each time. */
const LOSS_EVERY_MS = 60_000;

/** One plan: what it is about, what it would take away, and every record of it. */
export function DeletionPlan({ id, mayOperate }: { id: string; mayOperate: boolean }): preact.JSX.Element {
  const { data, error, reload } = useLoaded('/deletion-plans/{id}', { id });
  const plan = data?.data;
  usePlace({ name: plan ? titleOf(plan) : 'Deletion plan' });
  return (
    <>
      <h1>{plan ? titleOf(plan) : 'Deletion plan'}</h1>
      <Notice error={error} />
      {!plan && !error && <Loading />}
      {plan && (
        <section class="card">
          <PlanCard plan={plan} mayOperate={mayOperate} decided={reload} />
        </section>
      )}
      {plan && <Loss plan={plan} />}
      {plan && <Records id={id} isOfPeople={plan.resourceType === 'customers'} />}
    </>
  );
}

const titleOf = ({ rows, resourceType, merchantName }: Plan): string =>
  `${number(rows)} ${resourceType} of ${merchantName ?? 'a merchant'}`;

/** What is known of a plan, with what may be done about it. */
export function PlanCard(props: {
  plan: Plan;
  mayOperate: boolean;
  decided: () => void;
  children?: ComponentChildren;
}): preact.JSX.Element {
  const { plan, mayOperate, decided } = props;
  const does = (decision: 'approve' | 'discard') => async (reason: string) => {
    await post(`/deletion-plans/{id}/${decision}`, { id: plan.id }, { reason });
    decided();
  };
  return (
    <>
      <header>
        <h2>
          <a href={`#/integrations/${plan.integrationId}`}>{plan.merchantName ?? plan.integrationId}</a>
        </h2>
        <Badge tone={PLAN_TONES[plan.state]}>{words(plan.state)}</Badge>
      </header>
      <p>
        {number(plan.rows)} of {number(plan.liveRecords)} {plan.resourceType} were missing at{' '}
        {providerName(plan.provider)} ({environmentName(plan.environment)}), <When at={plan.createdAt} />.
      </p>
      {props.children}
      {plan.state !== 'held' && (
        <p class="hint">
          By {plan.decidedBy}, <When at={plan.decidedAt} />: “{plan.reason}”
        </p>
      )}
      {plan.state === 'held' && mayOperate && (
        <Decisions
          act={{
            button: 'Approve',
            title: 'Approve the deletion',
            effect: `Records of these ${number(plan.rows)} that are still missing are deleted, for every reader of the feed.`,
            confirm: 'Delete them',
            run: does('approve'),
          }}
          leave={{
            button: 'Discard',
            title: 'Discard the plan',
            effect: 'Every record stays; the next full scan counts from zero.',
            confirm: 'Keep them',
            run: does('discard'),
          }}
        />
      )}
    </>
  );
}

/** Beside the records, which are there before it is counted. */
function Loss({ plan }: { plan: Plan }): preact.JSX.Element {
  const { data, error } = useLoaded('/deletion-plans/{id}/loss', { id: plan.id }, LOSS_EVERY_MS);
  const loss = data?.data;
  return (
    <Card title={plan.state === 'held' ? 'What would be lost' : 'What is left of it'}>
      <Notice error={error} />
      {!loss && !error && <Loading />}
      {loss && (
        <dl class="facts">
          <Fact name="Still stored">
            {number(loss.records)} of {number(plan.rows)} {plan.resourceType}
          </Fact>
          {loss.amounts.map(({ currency, amountMinor, rows }) => (
            <Fact key={currency} name={`In ${currency}`}>
              {money(amountMinor, currency)} on {number(rows)}
            </Fact>
          ))}
        </dl>
      )}
    </Card>
  );
}

function Records({ id, isOfPeople }: { id: string; isOfPeople: boolean }): preact.JSX.Element {
  const { rows, next, more, error } = usePages('/deletion-plans/{id}/records', { id, limit: '100' });
  return (
    <>
      <ListState rows={rows} error={error} empty="The plan names no record." />
      {isOfPeople && (
        <p class="hint">The console shows no names of people: their records are told by the id at the provider.</p>
      )}
      <Table
        label="Records of the plan"
        rows={rows}
        keyOf={({ externalId }) => externalId}
        columns={[
          {
            title: 'Record',
            cell: (row) => (
              <>
                {row.label} <code>{row.externalId}</code>
              </>
            ),
          },
          {
            title: 'Amount',
            class: 'count',
            cell: (row) => (row.amountMinor !== null && row.currency ? money(row.amountMinor, row.currency) : '–'),
          },
          { title: 'Last changed', cell: (row) => <When at={row.lastChangeAt} empty="not stored" /> },
          { title: 'Stored', cell: (row) => (row.isLive ? 'yes' : 'no') },
        ]}
      />
      <More cursor={next} load={more} />
    </>
  );
}
