import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Integration } from './api';
import { ago, clock, words } from './format';

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

export function HealthBadge({ integration }: { integration: Integration }): preact.JSX.Element {
  const { state, health, status, operatorPaused, lastError } = integration;
  if (state !== 'active') return <Badge tone="quiet">Inactive</Badge>;
  if (health === 'paused') return <Badge tone="critical">Paused</Badge>;
  if (operatorPaused) return <Badge tone="info">Paused by operator</Badge>;
  if (status === 'syncing' && lastError !== null) return <Badge tone="info">Trying again</Badge>;
  if (health === 'degraded') return <Badge tone="warning">Failing</Badge>;
  if (status === 'error') return <Badge tone="warning">Last run failed</Badge>;
  return <Badge tone="ok">Healthy</Badge>;
}

export function When({ at, empty = 'never' }: { at: string | null | undefined; empty?: string }): preact.JSX.Element {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), 15_000);
    return () => clearInterval(timer);
  }, []);
  if (!at) return <span>{empty}</span>;
  return (
    <time dateTime={at} title={clock(at)}>
      {ago(at)}
    </time>
  );
}

export function Notice({ error }: { error: string | null }): preact.JSX.Element | null {
  return error ? (
    <p class="notice" role="alert">
      {error}
    </p>
  ) : null;
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

export interface Act {
  title: string;
  /** What it will do, in a sentence. */
  effect: string;
  confirm: string;
  danger?: boolean;
  run: (reason: string) => Promise<void>;
}

/** Asks before it acts, and why: the reason goes to the audit log. */
export function ActDialog({ act, close }: { act: Act; close: () => void }): preact.JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const [reason, setReason] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => dialog.current!.showModal(), []);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await act.run(reason.trim());
      dialog.current?.close();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : 'It did not work.');
      setBusy(false);
    }
  };
  return (
    <dialog ref={dialog} onClose={close} aria-labelledby="act-title">
      <form onSubmit={submit}>
        <h2 id="act-title">{act.title}</h2>
        <p>{act.effect}</p>
        <label>
          Reason <span class="hint">kept in the audit log</span>
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
          <button type="submit" class={act.danger ? 'danger' : 'primary'} disabled={busy || reason.trim() === ''}>
            {act.confirm}
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

export const nextStep = (action: string): string => (action === 'none' ? '' : words(action));
