import { Choice, ListState, More, Table, When } from './components';
import { environmentName, queryOf, words } from './format';
import { usePages } from './reading';
import { Told } from './told';

const ACTIONS = ['integration.', 'credential.', 'api_key.', 'deletion_plan.', 'vault.', 'sync_log', 'merchant.'].map(
  (start) => [start, words(start.replace(/\.$/, ''))] as const,
);

/** What stands in the address: it can be passed on, and an export has the same filters. */
export function Audit({ query }: { query: Record<string, string> }): preact.JSX.Element {
  const openings = query['openings'] ?? 'folded';
  const asked = { ...query, openings: openings === 'shown' ? undefined : openings };
  const { rows, next, error, more } = usePages('/audit', { ...asked, limit: '50' });
  const go = (more: Record<string, string>): void => void (location.hash = `#/audit${queryOf({ ...query, ...more })}`);
  const exported = (format: string): string => `/admin/api/audit/export${queryOf({ ...asked, format })}`;
  return (
    <>
      <h1>Audit log</h1>
      <form
        class="filters"
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          go(filled(event.currentTarget as HTMLFormElement));
        }}
      >
        <Sought label="Who" name="actorId" placeholder="A subject, or a key’s id" value={query['actorId']} />
        <Sought
          label="Target"
          name="subjectId"
          placeholder="The id of what it was done to"
          value={query['subjectId']}
        />
        <Choice
          label="What"
          name="action"
          value={query['action']}
          any="Everything"
          options={ACTIONS}
          onChange={(action) => go({ action })}
        />
        <Moment label="From" name="from" value={query['from']} />
        <Moment label="Before" name="to" value={query['to']} />
        <label class="check">
          <input
            type="checkbox"
            checked={openings === 'shown'}
            onChange={(event) => go({ openings: event.currentTarget.checked ? 'shown' : '' })}
          />
          Secrets opened by runs
        </label>
        <button type="submit" class="primary">
          Filter
        </button>
        {queryOf(query) !== '' && (
          <a class="button plain" href="#/audit">
            Clear
          </a>
        )}
      </form>
      <p class="hint">
        Export these as <a href={exported('jsonl')}>JSON lines</a> or <a href={exported('csv')}>CSV</a>. Each line has
        its hashes of the chain.
      </p>
      <ListState rows={rows} error={error} empty="No entry matches." />
      <Table
        label="Audit log"
        rows={rows}
        keyOf={({ id }) => id}
        columns={[
          {
            title: 'What',
            cell: (entry) => (
              <>
                {entry.subjectType === 'integration' ? (
                  <a href={`#/integrations/${entry.subjectId}`}>{words(entry.action)}</a>
                ) : (
                  words(entry.action)
                )}
                <details>
                  <summary>Details</summary>
                  <dl class="facts">
                    <Fact name={words(entry.subjectType)} value={entry.subjectId} />
                    {entry.requestId && <Fact name="Request" value={entry.requestId} />}
                    {entry.environment && <Fact name="Environment" value={environmentName(entry.environment)} />}
                    {Object.entries(entry.details).map(([name, value]) => (
                      <Fact
                        key={name}
                        name={words(name)}
                        value={typeof value === 'string' ? value : JSON.stringify(value)}
                      />
                    ))}
                  </dl>
                </details>
              </>
            ),
          },
          { title: 'When', cell: (entry) => <When at={entry.at} /> },
          {
            title: 'Who',
            cell: (entry) => (
              <span>
                <span class="hint">{entry.actorKind.replace('_', ' ')}</span> {entry.actorName}{' '}
                <span class="id">{entry.actorId}</span>
              </span>
            ),
          },
          {
            title: 'Target',
            cell: (entry) => (
              <span>
                {words(entry.subjectType)} {entry.subjectName} <span class="id">{entry.subjectId}</span>
              </span>
            ),
          },
          { title: 'Merchant', cell: (entry) => entry.merchantName ?? '–' },
          { title: 'Why', cell: (entry) => entry.reason ?? '–' },
        ]}
      />
      <More cursor={next} load={more} />
    </>
  );
}

function Fact({ name, value }: { name: string; value: string }): preact.JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd class="id">
        <Told text={value} />
      </dd>
    </div>
  );
}

function Sought(props: {
  label: string;
  name: string;
  placeholder: string;
  value: string | undefined;
}): preact.JSX.Element {
  const { label, name, placeholder, value } = props;
  return (
    <label class="search">
      {label}
      <input key={value} type="search" name={name} placeholder={placeholder} defaultValue={value ?? ''} />
    </label>
  );
}

function Moment({
  label,
  name,
  value,
}: {
  label: string;
  name: string;
  value: string | undefined;
}): preact.JSX.Element {
  return (
    <label class="moment">
      {label}
      <input key={value} type="datetime-local" name={name} defaultValue={value ? local(value) : ''} />
    </label>
  );
}

/** As the field takes it: in the zone of whoever looks. */
function local(iso: string): string {
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function filled(form: HTMLFormElement): Record<string, string> {
  const text = (name: string): string => String(new FormData(form).get(name) ?? '').trim();
  const time = (name: string): string => (text(name) === '' ? '' : new Date(text(name)).toISOString());
  return { actorId: text('actorId'), subjectId: text('subjectId'), from: time('from'), to: time('to') };
}
