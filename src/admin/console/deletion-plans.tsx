import { useState } from 'preact/hooks';
import { post, type Entry } from './api';
import { Badge, Choice, ListState, More, OperationDialog, Table, When, type OperatorAction } from './components';
import { money, number, providerName, queryOf, words } from './format';
import { usePages } from './reading';
import { ScopeFilter } from './scope';

type Plan = Entry<'/deletion-plans'>;

const PLAN_TONES = { held: 'warning', approved: 'quiet', discarded: 'quiet' } as const;
const STATES = Object.keys(PLAN_TONES).map((state) => [state, words(state)] as const);

function Lost({ plan }: { plan: Plan }): preact.JSX.Element {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>What would be lost: all {number(plan.rows)}</summary>
      {isOpen && <Records id={plan.id} />}
    </details>
  );
}

function Records({ id }: { id: string }): preact.JSX.Element {
  const { rows, next, more, error } = usePages('/deletion-plans/{id}/records', { id, limit: '50' });
  return (
    <>
      <ListState rows={rows} error={error} empty="The plan names no record." />
      <Table
        label="Records of the plan"
        rows={rows}
        keyOf={({ externalId }) => externalId}
        columns={[
          { title: 'Record', cell: (row) => <code>{row.externalId}</code> },
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

export function DeletionPlans(props: { query: Record<string, string>; mayOperate: boolean }): preact.JSX.Element {
  const { query, mayOperate } = props;
  const { rows, next, more, reload, error } = usePages('/deletion-plans', { ...query, limit: '25' });
  const [action, setAction] = useState<OperatorAction | null>(null);
  const does = (plan: Plan, decision: 'approve' | 'discard') => async (reason: string) => {
    await post(`/deletion-plans/{id}/${decision}`, { id: plan.id }, { reason });
    reload();
  };
  return (
    <>
      <p class="hint">When a scan misses too many records at once, an operator decides whether they are deleted.</p>
      <ScopeFilter section="deletion-plans" query={query}>
        <Choice
          label="State"
          name="state"
          value={query['state']}
          options={STATES}
          onChange={(state) => void (location.hash = `#/deletion-plans${queryOf({ ...query, state })}`)}
        />
      </ScopeFilter>
      <ListState rows={rows} error={error} empty="No deletion plan matches." />
      <ul class="plans">
        {rows?.map((plan) => (
          <li class="card" key={plan.id}>
            <header>
              <h2>
                <a href={`#/integrations/${plan.integrationId}`}>{plan.merchantName ?? plan.integrationId}</a>
              </h2>
              <Badge tone={PLAN_TONES[plan.state]}>{words(plan.state)}</Badge>
            </header>
            <p>
              {number(plan.rows)} of {number(plan.liveRecords)} {plan.resourceType} were missing at{' '}
              {providerName(plan.provider)} ({plan.environment}), <When at={plan.createdAt} />.
            </p>
            <Lost plan={plan} />
            {plan.state !== 'held' && (
              <p class="hint">
                By {plan.decidedBy}: “{plan.reason}”
              </p>
            )}
            {plan.state === 'held' && mayOperate && (
              <footer>
                <button
                  type="button"
                  class="danger"
                  onClick={() =>
                    setAction({
                      title: 'Approve the deletion',
                      effect: `Records of these ${plan.rows} that are still missing are deleted, for every reader of the feed.`,
                      confirm: 'Delete them',
                      danger: true,
                      run: does(plan, 'approve'),
                    })
                  }
                >
                  Approve
                </button>
                <button
                  type="button"
                  class="plain"
                  onClick={() =>
                    setAction({
                      title: 'Discard the plan',
                      effect: 'Every record stays; the next full scan counts from zero.',
                      confirm: 'Keep them',
                      run: does(plan, 'discard'),
                    })
                  }
                >
                  Discard
                </button>
              </footer>
            )}
          </li>
        ))}
      </ul>
      <More cursor={next} load={more} />
      {action && <OperationDialog action={action} close={() => setAction(null)} />}
    </>
  );
}
