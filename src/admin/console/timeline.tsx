import { useEffect, useState } from 'preact/hooks';
import { get, type Page, type TimelineEntry, useLoaded } from './api';
import { Badge, More, When } from './components';
import { duration, number, words } from './format';

const EVERY_MS = 3_000;
const COUNTS = ['fetched', 'created', 'updated', 'deleted', 'quarantined'] as const;

type ResourceOfRun = Record<(typeof COUNTS)[number], number> & { resourceType: string; status: string };

interface RunDetails {
  run: string;
  trigger: string;
  state: keyof typeof RUN_TONES;
  fullResync: boolean;
  probe: boolean;
  startedAt: string | null;
  finishedAt: string | null;
  error: string | null;
  resources: ResourceOfRun[];
}

/** Of a breaker, a schedule or an audit entry. */
interface ChangeDetails {
  to?: string;
  cause?: string | null;
  operatorPaused?: boolean;
  toggledOff?: boolean;
  intervalMinutes?: number;
  action?: string;
  actorKind?: string;
  actorId?: string;
  reason?: string | null;
}

export function Timeline({ id, changes }: { id: string; changes: number }): preact.JSX.Element {
  const [older, setOlder] = useState<{ rows: TimelineEntry[]; next: string | null } | null>(null);
  const latest = useLoaded<Page<TimelineEntry>>(`/integrations/${id}/timeline?limit=20`, EVERY_MS);
  useEffect(() => {
    setOlder(null);
    latest.reload();
  }, [id, changes]);
  if (!latest.data) return <p class="loading">Reading…</p>;
  const rows = new Map([...latest.data.data, ...(older?.rows ?? [])].map((entry) => [entry.id, entry]));
  const next = older ? older.next : latest.data.nextCursor;
  const load = (): void => {
    void get<Page<TimelineEntry>>(`/integrations/${id}/timeline?limit=20&cursor=${next}`).then(({ data, nextCursor }) =>
      setOlder((before) => ({ rows: [...(before?.rows ?? []), ...data], next: nextCursor })),
    );
  };
  return (
    <>
      <ol class="timeline">
        {[...rows.values()].map((entry) => (
          <li key={entry.id} class={entry.kind}>
            <span class="hint">
              <When at={entry.at} />
            </span>
            <Entry entry={entry} />
          </li>
        ))}
      </ol>
      <More cursor={next} load={load} />
    </>
  );
}

function Entry({ entry }: { entry: TimelineEntry }): preact.JSX.Element {
  if (entry.kind === 'run') return <Run details={entry.details as unknown as RunDetails} />;
  const details = entry.details as unknown as ChangeDetails;
  if (entry.kind === 'breaker') {
    return (
      <div>
        <Badge tone={details.to === 'closed' ? 'ok' : 'critical'}>
          Breaker {words(String(details.to)).toLowerCase()}
        </Badge>
        {details.cause && (
          <span> because of {details.cause === 'auth' ? 'rejected credentials' : 'repeated failures'}</span>
        )}
      </div>
    );
  }
  if (entry.kind === 'schedule') {
    const state = details.operatorPaused ? 'paused by an operator' : details.toggledOff ? 'switched off' : 'on';
    return (
      <div>
        <Badge tone="info">Schedule</Badge> {state}, every {duration(Number(details.intervalMinutes) * 60_000)}
      </div>
    );
  }
  return (
    <div>
      <Badge tone="quiet">{words(String(details.action))}</Badge>{' '}
      <span class="hint">
        by {String(details.actorKind).replace('_', ' ')} <span class="id">{details.actorId}</span>
      </span>
      {details.reason && <p>“{details.reason}”</p>}
    </div>
  );
}

const RUN_TONES = {
  succeeded: 'ok',
  failed: 'critical',
  cancelled: 'quiet',
  running: 'info',
  queued: 'info',
  waiting: 'quiet',
} as const;

function Run({ details }: { details: RunDetails }): preact.JSX.Element {
  const { state, startedAt, finishedAt, resources } = details;
  return (
    <div>
      <Badge tone={RUN_TONES[state]}>
        {words(details.run)} {state}
      </Badge>{' '}
      <span class="hint">
        {words(details.trigger).toLowerCase()}
        {details.fullResync && ', full'}
        {details.probe && ', probe'}
        {startedAt && finishedAt && `, took ${duration(Date.parse(finishedAt) - Date.parse(startedAt))}`}
      </span>
      {details.error && <p>{details.error}</p>}
      {resources.length > 0 && (
        <details>
          <summary>
            {number(resources.reduce((sum, row) => sum + row.fetched, 0))} read,{' '}
            {number(resources.reduce((sum, row) => sum + row.created + row.updated + row.deleted, 0))} changed
          </summary>
          <div class="scroll" role="region" aria-label="Resources of the run" tabIndex={0}>
            <table>
              <thead>
                <tr>
                  {['Resource', 'Status', 'Read', 'New', 'Updated', 'Deleted', 'Not understood'].map((title) => (
                    <th key={title} scope="col">
                      {title}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {resources.map((row) => (
                  <tr key={row.resourceType}>
                    <th scope="row">{words(row.resourceType)}</th>
                    <td>{row.status}</td>
                    {COUNTS.map((count) => (
                      <td key={count} class="count">
                        {number(row[count])}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </details>
      )}
    </div>
  );
}
