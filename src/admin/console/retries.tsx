import { useRef, useState } from 'preact/hooks';
import { post, type PostAnswer } from './api';
import { Choice, Empty, Notice, OperationDialog, type OperatorAction } from './components';
import { number, providerChoices, words } from './format';
import { RetryLines } from './retry-lines';

type Outcome = Extract<PostAnswer<'/retries'>['data'], { integrations: unknown }>;
type RetryForm = Parameters<typeof post<'/retries'>>[2];

const choices = (): [name: string, label: string, values: [string, string][]][] => [
  ['provider', 'Provider', providerChoices()],
  ['environment', 'Environment', ['sandbox', 'live'].map((name) => [name, words(name)])],
  [
    'errorCode',
    'Last error',
    ['provider_error', 'provider_timeout', 'rate_limited', 'unavailable', 'internal_error'].map((c) => [c, words(c)]),
  ],
  [
    'resourceType',
    'Resource',
    ['customers', 'products', 'invoices', 'payments', 'devices'].map((name) => [name, words(name)]),
  ],
];

/** A dry run first, always: what is then confirmed is what was seen. */
export function Retries({ mayOperate }: { mayOperate: boolean }): preact.JSX.Element {
  const [values, setValues] = useState<Record<string, string>>({});
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [action, setAction] = useState<OperatorAction | null>(null);
  // how often the filter has changed: an answer about an earlier one must not stand beside this one
  const changes = useRef(0);
  const ask = async (more: Pick<RetryForm, 'dryRun' | 'reason'>): Promise<void> => {
    const { resourceType, ...filter } = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
    const body = { filter, ...(resourceType ? { resourceType } : {}), ...more } as RetryForm;
    const asked = changes.current;
    const { data } = await post('/retries', {}, body);
    if (changes.current === asked && 'integrations' in data) setOutcome(data);
  };
  const preview = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    setOutcome(null);
    await ask({ dryRun: true }).catch((error: Error) => setProblem(error.message));
    setBusy(false);
  };
  const set = (name: string) => (value: string) => {
    changes.current++;
    setValues((before) => ({ ...before, [name]: value }));
    setOutcome(null);
  };
  if (!mayOperate) return <Empty>Retries are for the roles operator and admin.</Empty>;
  return (
    <>
      <p class="hint">
        Retries failed entries of many integrations, for example after an outage. You see first what would happen.
      </p>
      <form class="filters" onSubmit={(event) => void preview(event)}>
        <label class="search">
          Merchant
          <input
            type="search"
            name="search"
            placeholder="Part of the name, or an id"
            value={values['search'] ?? ''}
            onInput={(event) => set('search')(event.currentTarget.value)}
          />
        </label>
        {choices().map(([name, label, options]) => (
          <Choice key={name} label={label} name={name} value={values[name]} options={options} onChange={set(name)} />
        ))}
        <button type="submit" class={outcome?.queued ? 'plain' : 'primary'} disabled={busy}>
          {busy ? 'Looking…' : 'Show what would happen'}
        </button>
      </form>
      <Notice error={problem} />
      {outcome && (
        <section class="card outcome" aria-live="polite">
          <div>
            <h2>{headlineOf(outcome)}</h2>
            <p class="hint">
              {number(outcome.skipped)} skipped.
              {outcome.more && ' There are more integrations than one call handles: repeat it afterwards.'}
            </p>
          </div>
          {outcome.dryRun && outcome.queued > 0 && (
            <button
              type="button"
              class="danger"
              onClick={() =>
                setAction({
                  title: 'Retry in bulk',
                  effect: `Gives ${entries(outcome)} another attempt, one integration after the other.`,
                  confirm: `Retry ${number(outcome.queued)}`,
                  danger: true,
                  run: (reason) => ask({ dryRun: false, reason }),
                })
              }
            >
              Retry {number(outcome.queued)}
            </button>
          )}
        </section>
      )}
      <RetryLines rows={outcome?.integrations ?? null} />
      {action && <OperationDialog action={action} close={() => setAction(null)} />}
    </>
  );
}

const entries = ({ queued }: Outcome): string => `${number(queued)} failed ${queued === 1 ? 'entry' : 'entries'}`;

function headlineOf(outcome: Outcome): string {
  const { queued, dryRun } = outcome;
  if (queued === 0) return dryRun ? 'Nothing would be retried' : 'Nothing was retried';
  return dryRun ? `${entries(outcome)} would get another attempt` : `${number(queued)} queued for another attempt`;
}
