import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, type Integration } from './api';
import { ago, exactly, words } from './format';

type Tone = 'ok' | 'warning' | 'critical' | 'info' | 'quiet';

/** Never by colour alone: the shape and the word say the same. */
const MARKS: Record<Tone, string> = { ok: '●', warning: '▲', critical: '■', info: '◆', quiet: '○' };

export function Badge({ tone, children }: { tone: Tone; children: ComponentChildren }): preact.JSX.Element {
  return (
    <span class={`badge ${tone}`}>
      <span aria-hidden="true">{MARKS[tone]}</span> {children}
    </span>
  );
}

/** The words of the list, of the counts and of the filter. */
export const CONDITIONS = {
  healthy: { name: 'Healthy', tone: 'ok' },
  degraded: { name: 'Degraded', tone: 'warning' },
  waiting_for_provider: { name: 'Waits for the provider', tone: 'warning' },
  paused: { name: 'Paused', tone: 'critical' },
  operator_paused: { name: 'Paused by operator', tone: 'info' },
  switched_off: { name: 'Switched off', tone: 'quiet' },
  inactive: { name: 'Inactive', tone: 'quiet' },
} as const satisfies Record<Integration['condition'], { name: string; tone: Tone }>;

/** `beside`: what is found of the integration stands beside it, and its condition speaks of its syncs alone. */
export function ConditionBadge(props: { integration: Integration; beside?: boolean }): preact.JSX.Element {
  const { integration, beside } = props;
  const { name, tone } = CONDITIONS[integration.condition];
  const isLimited = integration.limitedUntil !== null;
  return (
    <>
      <Badge tone={tone}>
        {(beside || isLimited) && integration.condition === 'healthy' ? 'Syncs: healthy' : name}
      </Badge>
      {isLimited && <Badge tone="info">Waits for a rate limit</Badge>}
      {integration.status === 'syncing' && <Badge tone="info">Syncing</Badge>}
    </>
  );
}

/** Stands where something is being read. */
export function Loading(): preact.JSX.Element {
  return (
    <div class="loading" role="status">
      <span class="hidden">Reading…</span>
      <i />
      <i />
      <i />
    </div>
  );
}

export function When({ at, empty = 'never' }: { at: string | null | undefined; empty?: string }): preact.JSX.Element {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), 15_000);
    return () => clearInterval(timer);
  }, []);
  if (!at) return <span>{empty}</span>;
  return (
    <time dateTime={at} title={exactly(at)}>
      {ago(at)}
    </time>
  );
}

export function Notice({ error }: { error: string | Error | null }): preact.JSX.Element | null {
  if (!error) return null;
  const tooOld = error instanceof ApiError && error.code === 'sign_in_too_old';
  return (
    <p class="notice" role="alert">
      {typeof error === 'string' ? error : error.message}{' '}
      {tooOld && (
        <a href={`/admin/sign-in?stepUp=true&page=${encodeURIComponent(location.hash.slice(1) || '/')}`}>
          Sign in again
        </a>
      )}
    </p>
  );
}

export function Card(props: {
  title: string;
  aside?: ComponentChildren;
  wide?: boolean;
  children: ComponentChildren;
}): preact.JSX.Element {
  return (
    <section class={props.wide ? 'card wide' : 'card'}>
      <header>
        <h2>{props.title}</h2>
        {props.aside}
      </header>
      {props.children}
    </section>
  );
}

export function Empty({ children }: { children: ComponentChildren }): preact.JSX.Element {
  return <p class="empty">{children}</p>;
}

export function Fact({ name, children }: { name: string; children: ComponentChildren }): preact.JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** The first column of a table names its row. */
export interface Column<Row> {
  title: string;
  cell: (row: Row) => ComponentChildren;
  class?: string;
  /** The service sorts by it. */
  sortBy?: string;
}

/**
 * A table that a narrow screen shows as a list of cards: cells then carry their column's name. Without a row it is
 * nothing.
 */
export function Table<Row>(props: {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[] | null;
  keyOf: (row: Row) => string;
  sort?: string | undefined;
  onSort?: (sort: string) => void;
}): preact.JSX.Element | null {
  const [first, ...others] = props.columns;
  if (first === undefined || !props.rows?.length) return null;
  return (
    <div class="card table" role="region" aria-label={props.label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {props.columns.map((column) => (
              <Heading key={column.title} column={column} sort={props.sort} onSort={props.onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {props.rows.map((row) => (
            <tr key={props.keyOf(row)}>
              <th scope="row">{first.cell(row)}</th>
              {others.map((column) => (
                <td key={column.title} data-label={column.title} class={column.class}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** One that the service sorts by is a button: the smallest first, then the largest. */
function Heading<Row>(props: {
  column: Column<Row>;
  sort: string | undefined;
  onSort: ((sort: string) => void) | undefined;
}): preact.JSX.Element {
  const { column, sort, onSort } = props;
  const { title, sortBy } = column;
  if (!sortBy || !onSort) return <th scope="col">{title}</th>;
  const order = sort === sortBy ? 'ascending' : sort === `-${sortBy}` ? 'descending' : 'none';
  return (
    <th scope="col" aria-sort={order}>
      <button type="button" class="sort" onClick={() => onSort(order === 'ascending' ? `-${sortBy}` : sortBy)}>
        {title} <span aria-hidden="true">{{ ascending: '▲', descending: '▼', none: '↕' }[order]}</span>
      </button>
    </th>
  );
}

/** One choice of a form of filters; the empty one is any. */
export function Choice(props: {
  label: string;
  name: string;
  value: string | undefined;
  options: readonly (readonly [value: string, text: string])[];
  any?: string;
  onChange: (value: string) => void;
}): preact.JSX.Element {
  return (
    <label>
      {props.label}
      <select
        name={props.name}
        value={props.value ?? ''}
        onChange={(event) => props.onChange(event.currentTarget.value)}
      >
        <option value="">{props.any ?? 'Any'}</option>
        {props.options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

/** What a list shows before it has rows, and when it has none. */
export function ListState(props: { rows: unknown[] | null; error: string | null; empty: string }): preact.JSX.Element {
  return (
    <>
      <Notice error={props.error} />
      {props.rows === null && props.error === null && <Loading />}
      {props.rows?.length === 0 && props.error === null && <Empty>{props.empty}</Empty>}
    </>
  );
}

export interface OperatorAction {
  title: string;
  /** What it will do, in a sentence. */
  effect: string;
  confirm: string;
  danger?: boolean;
  /** Further fields, by their name; what they held goes to `run`. */
  fields?: ComponentChildren;
  run: (reason: string, form: FormData) => Promise<void>;
}

/** Asks before it acts, and why: the reason goes to the audit log. */
export function OperationDialog({ action, close }: { action: OperatorAction; close: () => void }): preact.JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const [reason, setReason] = useState('');
  const [problem, setProblem] = useState<string | Error | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => dialog.current!.showModal(), []);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    setBusy(true);
    setProblem(null);
    try {
      await action.run(reason.trim(), form);
      dialog.current?.close();
    } catch (error) {
      setProblem(error instanceof Error ? error : 'The action failed.');
      setBusy(false);
    }
  };
  return (
    <dialog ref={dialog} onClose={close} aria-labelledby="action-title">
      <form onSubmit={(event) => void submit(event)}>
        <h2 id="action-title">{action.title}</h2>
        <p>{action.effect}</p>
        {action.fields}
        <label>
          <span>
            Reason <span class="hint">kept in the audit log</span>
          </span>
          <textarea
            name="reason"
            rows={3}
            maxLength={500}
            required
            value={reason}
            onInput={(event) => setReason(event.currentTarget.value)}
          />
        </label>
        <Notice error={problem} />
        <footer>
          <button type="button" class="plain" onClick={() => dialog.current!.close()}>
            Cancel
          </button>
          <button type="submit" class={action.danger ? 'danger' : 'primary'} disabled={busy || reason.trim() === ''}>
            {action.confirm}
          </button>
        </footer>
      </form>
    </dialog>
  );
}

/** Pages that grow: what was shown stays where it was. */
export function More({ cursor, load }: { cursor: string | null; load: () => void }): preact.JSX.Element | null {
  return cursor ? (
    <button type="button" class="plain more" onClick={load}>
      Show more
    </button>
  ) : null;
}

/** What the API tells a caller to do, in what it means for an operator. */
const OPERATORS_STEPS: Readonly<Record<string, string>> = {
  none: '',
  fix_request: 'ask the merchant to correct it',
  fix_credentials: 'ask the merchant to correct the credentials',
  reconnect: 'ask the merchant for new credentials, who enters them where the provider was connected',
  resume_sync: 'resume it',
  contact_support: 'look into it here',
};
/** Of a reason whose step is another one, or is an act that the page has itself. */
const STEPS_HERE: Readonly<Record<string, string>> = {
  key_management_unavailable:
    'check key management: its key, the rights of the process and the network to it. What waits goes on by itself',
  not_configured: 'the merchant connects it',
  not_active: 'the merchant connects it again',
  sync_disabled: 'ask the merchant, who alone switches it on again',
  parked: 'replay them below, when the endpoint takes events',
  deletions_held: 'decide over the held deletion',
};
export const nextStep = (action: string, code = ''): string =>
  STEPS_HERE[code] ?? OPERATORS_STEPS[action] ?? words(action);
