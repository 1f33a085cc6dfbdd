import { useState } from 'preact/hooks';
import { post, type Entry } from './api';
import { Badge, ListState, Loading, More, Notice, When } from './components';
import { Decisions } from './decisions';
import { number, words } from './format';
import { useLoaded, usePages } from './reading';
import { RetryLines } from './retry-lines';

type Approval = Entry<'/approvals'>;

const TONES = {
  waiting: 'warning',
  approved: 'warning',
  done: 'ok',
  failed: 'critical',
  refused: 'quiet',
  expired: 'quiet',
} as const;

const DONE: ReadonlySet<Approval['state']> = new Set(['approved', 'done', 'failed']);

function Outcome({ id }: { id: string }): preact.JSX.Element {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>What became of each integration</summary>
      {isOpen && <RetryOutcome id={id} />}
    </details>
  );
}

function RetryOutcome({ id }: { id: string }): preact.JSX.Element {
  const { data, error } = useLoaded('/approvals/{id}', { id });
  const outcome = data?.data.outcome;
  return (
    <>
      <ListState rows={outcome?.integrations ?? null} error={error} empty="Nothing has been retried yet." />
      {outcome && outcome.integrations.length > 0 && (
        <p>
          {number(outcome.queued)} queued for another attempt, {number(outcome.skipped)} skipped.
        </p>
      )}
      <RetryLines rows={outcome?.integrations ?? null} />
    </>
  );
}

function ManifestText({ id }: { id: string }): preact.JSX.Element {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>The manifest</summary>
      {isOpen && <AskedManifest id={id} />}
    </details>
  );
}

function AskedManifest({ id }: { id: string }): preact.JSX.Element {
  const { data, error } = useLoaded('/approvals/{id}', { id });
  if (!data) return error ? <Notice error={error} /> : <Loading />;
  const { manifest } = data.data.parameters;
  if (manifest === null) return <p class="hint">None: the stored manifest is deleted.</p>;
  return <pre tabIndex={0}>{String(manifest)}</pre>;
}

export function Approvals({ mayOperate }: { mayOperate: boolean }): preact.JSX.Element {
  const { rows, next, more, reload, error } = usePages('/approvals', { limit: '25' });
  const does = (approval: Approval, decision: 'approve' | 'refuse') => async (reason: string) => {
    await post(`/approvals/{id}/${decision}`, { id: approval.id }, { reason });
    reload();
  };
  return (
    <>
      <p class="hint">What one operator asks for is done when another one approves it.</p>
      <ListState rows={rows} error={error} empty="Nothing has waited for a second operator." />
      <ul class="plans">
        {rows?.map((approval) => (
          <li class="card" key={approval.id}>
            <header>
              <h2>{approval.summary}</h2>
              <Badge tone={TONES[approval.state]}>{words(approval.state)}</Badge>
            </header>
            <p>
              {approval.requestedBy}, <When at={approval.requestedAt} />: “{approval.reason}”
            </p>
            {approval.decidedBy && (
              <p class="hint">
                {approval.decidedBy}, <When at={approval.decidedAt} />: “{approval.decisionReason}”
              </p>
            )}
            {approval.error && <p class="hint">{approval.error}</p>}
            {approval.act === 'deletion_plan' && approval.target && (
              <p>
                <a href={`#/deletion-plans/${approval.target}`}>The plan, with every record of it</a>
              </p>
            )}
            {approval.act === 'bulk_retry' && DONE.has(approval.state) && <Outcome id={approval.id} />}
            {approval.act === 'manifest' && <ManifestText id={approval.id} />}
            {approval.state === 'waiting' && (
              <p class="hint">
                Expires <When at={approval.expiresAt} />
              </p>
            )}
            {approval.state === 'waiting' && mayOperate && (
              <Decisions
                act={{
                  button: 'Approve',
                  title: 'Approve',
                  effect: `${approval.summary}: this is done at once.`,
                  confirm: 'Approve and do it',
                  run: does(approval, 'approve'),
                }}
                leave={{
                  button: 'Refuse',
                  title: 'Refuse',
                  effect: 'Nothing is done. Your own request is taken back by this.',
                  confirm: 'Refuse',
                  run: does(approval, 'refuse'),
                }}
              />
            )}
          </li>
        ))}
      </ul>
      <More cursor={next} load={more} />
    </>
  );
}
