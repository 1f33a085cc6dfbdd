import { useState } from 'preact/hooks';
import { post, type Entry } from './api';
import { Badge, Card, Empty, Loading, Notice, OperationDialog, When, type OperatorAction } from './components';
import { duration, number, words } from './format';
import { useLoaded } from './reading';

type Rotation = NonNullable<Entry<'/vault/rotation'>['rotation']>;

const TONES = { moving: 'info', verifying: 'info', done: 'ok', failed: 'critical' } as const;
const EVERY_MS = 2_000;
const STANDS_STILL = {
  interrupted: 'Its process is gone; a worker resumes it within seconds.',
  stopped: 'It was stopped. Continue it here.',
};

export function Vault({ mayChangeKeys }: { mayChangeKeys: boolean }): preact.JSX.Element {
  const { data, error, reload } = useLoaded('/vault/rotation', {}, EVERY_MS);
  const [action, setAction] = useState<OperatorAction | null>(null);
  if (!data) return error ? <Notice error={error} /> : <Loading />;
  const { rotation, keysInUse } = data.data;
  const secrets = keysInUse.reduce((sum, { count }) => sum + count, 0);
  const open = rotation !== null && rotation.finishedAt === null;
  const begin = async (reason: string, form: FormData): Promise<void> => {
    const toKeyId = String(form.get('toKeyId') ?? '').trim();
    const mode = form.get('mode') as Rotation['mode'];
    await post('/vault/rotation', {}, { reason, mode, ...(toKeyId ? { toKeyId } : {}) });
    reload();
  };
  return (
    <>
      <p class="hint">Each secret is encrypted with its own data key, and one of these keys wraps that data key.</p>
      <Notice error={error} />
      <div class="grid">
        <Card title="Keys in use">
          {keysInUse.length === 0 ? (
            <Empty>Nothing is sealed yet.</Empty>
          ) : (
            <ul class="rows">
              {keysInUse.map((key) => (
                <li key={`${key.keyId} ${key.keyVersion}`}>
                  <span class="grow">
                    <code>{key.keyId}</code> <span class="hint">version {key.keyVersion}</span>
                  </span>
                  <span class="count">
                    <b>{number(key.count)}</b> secret{key.count === 1 ? '' : 's'}
                  </span>
                </li>
              ))}
            </ul>
          )}
        </Card>
        <Card title="Rotation" aside={rotation && <Badge tone={TONES[rotation.state]}>{words(rotation.state)}</Badge>}>
          {rotation ? <Progress rotation={rotation} /> : <Empty>There has been no rotation yet.</Empty>}
          {mayChangeKeys && rotation?.activity !== 'working' && (
            <footer>
              <button
                type="button"
                class={open ? 'plain' : 'primary'}
                onClick={() => setAction(open ? goOn(rotation, begin) : start(secrets, begin))}
              >
                {open ? 'Continue' : 'Start a rotation'}
              </button>
            </footer>
          )}
        </Card>
      </div>
      {action && <OperationDialog action={action} close={() => setAction(null)} />}
    </>
  );
}

function Progress({ rotation }: { rotation: Rotation }): preact.JSX.Element {
  const verifying = rotation.state === 'verifying' || rotation.state === 'done';
  const done = verifying ? rotation.verified : rotation.moved;
  const { activity } = rotation;
  return (
    <>
      <p>
        {rotation.mode === 'rewrap' ? 'Re-wrap' : 'Re-encrypt'} to <code>{rotation.targetKeyId}</code> version{' '}
        {rotation.targetKeyVersion}
      </p>
      <div class="progress spaced">
        <span class="hint">
          {number(rotation.moved)} of {number(rotation.total)} moved, {number(rotation.verified)} verified
        </span>
        <progress
          max={Math.max(rotation.total, 1)}
          value={rotation.state === 'done' ? Math.max(rotation.total, 1) : done}
          aria-label={verifying ? 'Secrets verified' : 'Secrets moved'}
        />
      </div>
      {activity !== null && activity !== 'working' && <p class="notice">{STANDS_STILL[activity]}</p>}
      <p class="hint">
        Begun <When at={rotation.startedAt} /> by {rotation.requestedBy}
        {rotation.finishedAt && (
          <>, took {duration(Date.parse(rotation.finishedAt) - Date.parse(rotation.startedAt))}</>
        )}
        {rotation.remaining ? `, ${number(rotation.remaining)} left behind` : ''}
        {rotation.resumes > 0 && `, resumed ${number(rotation.resumes)}×`}
      </p>
      {rotation.failures.length > 0 && (
        <details>
          <summary>{number(rotation.failures.length)} could not be moved</summary>
          <ul>
            {rotation.failures.map((failure) => (
              <li key={failure.id}>
                <code>{failure.id}</code> {words(failure.reason)}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

const start = (secrets: number, run: OperatorAction['run']): OperatorAction => ({
  title: 'Start a rotation',
  effect: `Moves all ${number(secrets)} secrets to another key while the service runs, then opens each secret once to verify it.`,
  confirm: 'Start rotation',
  danger: true,
  fields: (
    <>
      <label>
        How
        <select name="mode">
          <option value="rewrap">Re-wrap: key management wraps each data key again</option>
          <option value="reencrypt">Re-encrypt: every secret gets a new data key</option>
        </select>
      </label>
      <label>
        <span>
          To key <span class="hint">left empty: the current one</span>
        </span>
        <input name="toKeyId" maxLength={2048} autocomplete="off" spellcheck={false} />
      </label>
    </>
  ),
  run,
});

const goOn = (rotation: Rotation, run: OperatorAction['run']): OperatorAction => ({
  title: 'Continue the rotation',
  effect: 'Continues where it was stopped. If a process already works on it, nothing changes.',
  confirm: 'Continue',
  fields: (
    <>
      <input type="hidden" name="mode" value={rotation.mode} />
      <input type="hidden" name="toKeyId" value={rotation.targetKeyId} />
    </>
  ),
  run,
});
