import { useEffect, useState } from 'preact/hooks';
import { get, type Page, post } from './api';
import { type Act, ActDialog, Badge, Empty, More, Notice, When } from './components';
import { number, providerName, queryOf, words } from './format';

function usePages<T>(path: string, query: Record<string, string>) {
  const [state, setState] = useState<{ rows: T[]; next: string | null } | null>(null);
  const [error, setError] = useState<string | null>(null);
  const key = path + queryOf(query);
  const load = (cursor?: string): void => {
    get<Page<T>>(path + queryOf({ ...query, cursor })).then(
      ({ data, nextCursor }) =>
        setState((before) => ({ rows: cursor && before ? [...before.rows, ...data] : data, next: nextCursor })),
      (failure: Error) => setError(failure.message),
    );
  };
  useEffect(() => load(), [key]);
  return { rows: state?.rows ?? null, next: state?.next ?? null, load, error };
}

interface AuditEntry {
  id: string;
  at: string;
  action: string;
  merchantName: string | null;
  actorKind: string;
  actorId: string;
  subjectType: string;
  subjectId: string;
  reason: string | null;
}

export function Audit(): preact.JSX.Element {
  const [action, setAction] = useState('');
  const { rows, next, load, error } = usePages<AuditEntry>('/audit', { limit: '50', action });
  return (
    <>
      <h1>Audit log</h1>
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        <label>
          What
          <select name="action" value={action} onChange={(event) => setAction(event.currentTarget.value)}>
            <option value="">Everything</option>
            {['integration.', 'credential.', 'api_key.', 'deletion_plan.', 'vault.', 'sync_log', 'merchant.'].map(
              (start) => (
                <option key={start} value={start}>
                  {words(start.replace(/\.$/, ''))}
                </option>
              ),
            )}
          </select>
        </label>
      </form>
      <Notice error={error} />
      {rows?.length === 0 && <Empty>Nothing was recorded.</Empty>}
      {rows && rows.length > 0 && (
        <div class="card table" role="region" aria-label="Audit log" tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">When</th>
                <th scope="col">What</th>
                <th scope="col">Who</th>
                <th scope="col">Merchant</th>
                <th scope="col">Why</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((entry) => (
                <tr key={entry.id}>
                  <td data-label="When">
                    <When at={entry.at} />
                  </td>
                  <th scope="row">
                    {entry.subjectType === 'integration' ? (
                      <a href={`#/integrations/${entry.subjectId}`}>{words(entry.action)}</a>
                    ) : (
                      words(entry.action)
                    )}
                  </th>
                  <td data-label="Who">
                    <span class="hint">{entry.actorKind.replace('_', ' ')}</span>{' '}
                    <span class="id">{entry.actorId}</span>
                  </td>
                  <td data-label="Merchant">{entry.merchantName ?? '–'}</td>
                  <td data-label="Why">{entry.reason ?? '–'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <More cursor={next} load={() => load(next!)} />
    </>
  );
}

interface Plan {
  id: string;
  integrationId: string;
  merchantName: string | null;
  provider: string;
  environment: string;
  resourceType: string;
  state: 'held' | 'approved' | 'discarded';
  rows: number;
  liveRecords: number;
  sample: string[];
  createdAt: string;
  decidedBy: string | null;
  reason: string | null;
}

const PLAN_TONES = { held: 'warning', approved: 'quiet', discarded: 'quiet' } as const;

export function DeletionPlans({ mayAct }: { mayAct: boolean }): preact.JSX.Element {
  const { rows, next, load, error } = usePages<Plan>('/deletion-plans', { limit: '25' });
  const [act, setAct] = useState<Act | null>(null);
  const does = (plan: Plan, decision: 'approve' | 'discard') => async (reason: string) => {
    await post(`/deletion-plans/${plan.id}/${decision}`, { reason });
    load();
  };
  return (
    <>
      <h1>Held deletions</h1>
      <p class="hint">A scan that misses too many records at once is not believed: somebody decides.</p>
      <Notice error={error} />
      {rows?.length === 0 && <Empty>No deletion was ever held.</Empty>}
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
            <p class="hint">
              For example <code>{plan.sample.slice(0, 6).join(', ')}</code>
            </p>
            {plan.state !== 'held' && (
              <p class="hint">
                By {plan.decidedBy}: “{plan.reason}”
              </p>
            )}
            {plan.state === 'held' && mayAct && (
              <footer>
                <button
                  type="button"
                  class="danger"
                  onClick={() =>
                    setAct({
                      title: 'Approve the deletion',
                      effect: `Those of the ${plan.rows} records that are still missing become deleted, for every reader of the feed.`,
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
                    setAct({
                      title: 'Discard the plan',
                      effect: 'Every record stays; the next full scan starts from nothing.',
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
      <More cursor={next} load={() => load(next!)} />
      {act && <ActDialog act={act} close={() => setAct(null)} />}
    </>
  );
}
