import { useEffect } from 'preact/hooks';
import type { Entry } from './api';
import { Badge, Loading, More, Notice, When } from './components';
import { PLAN_TONES } from './deletion-plan';
import { duration, number, queryOf, words } from './format';
import { usePages } from './reading';
import { RUN_TONES } from './runs';

const EVERY_MS = 3_000;
const COUNTS = ['fetched', 'created', 'updated', 'deleted', 'quarantined'] as const;

type TimelineEntry = Entry<'/integrations/{id}/timeline'>;
type RunDetails = Extract<TimelineEntry, { kind: 'run' }>['details'];

export function Timeline({ id, changes }: { id: string; changes: number }): preact.JSX.Element {
  const { rows, next, error, more, reload } = usePages('/integrations/{id}/timeline', { id, limit: '20' }, EVERY_MS);
  useEffect(() => {
    if (changes > 0) reload();
  }, [changes]);
  if (rows === null) return error ? <Notice error={error} /> : <Loading />;
  return (
    <>
      <Notice error={error} />
      <ol class="timeline">
        {rows.map((entry) => (
          <li key={entry.id} class={entry.kind}>
            <span class="hint">
              <When at={entry.at} />
            </span>
            <Line id={id} entry={entry} />
          </li>
        ))}
      </ol>
      <More cursor={next} load={more} />
    </>
  );
}

function Line({ id, entry }: { id: string; entry: TimelineEntry }): preact.JSX.Element {
  switch (entry.kind) {
    case 'run':
      return <Run id={entry.id} details={entry.details} />;
    case 'breaker': {
      const { to, cause } = entry.details;
      return (
        <div>
          <Badge tone={to === 'closed' ? 'ok' : 'critical'}>Breaker {words(to).toLowerCase()}</Badge>
          {cause && <span> because of {cause === 'auth' ? 'rejected credentials' : 'repeated failures'}</span>}
        </div>
      );
    }
    case 'schedule': {
      const { operatorPaused, toggledOff, intervalMinutes } = entry.details;
      const state = operatorPaused ? 'paused by an operator' : toggledOff ? 'switched off' : 'on';
      return (
        <div>
          <Badge tone="info">Schedule</Badge> {state}
          {intervalMinutes !== null && `, every ${duration(intervalMinutes * 60_000)}`}
        </div>
      );
    }
    case 'deletion_plan': {
      const { rows, resourceType, state } = entry.details;
      return (
        <div>
          <Badge tone={PLAN_TONES[state]}>Deletion {state}</Badge>{' '}
          <a href={`#/deletion-plans/${entry.id}`}>
            {number(rows)} {resourceType} that a scan missed
          </a>
        </div>
      );
    }
    case 'quarantine': {
      const { rows, resourceType } = entry.details;
      return (
        <div>
          <Badge tone="warning">Quarantine</Badge>{' '}
          <a href={`#/quarantine${queryOf({ integrationId: id, resourceType })}`}>
            {number(rows)} of {resourceType} not understood
          </a>
        </div>
      );
    }
    case 'endpoint':
      return (
        <div>
          <Badge tone="critical">Webhook endpoint switched off</Badge>{' '}
          <a href={`#/webhook-endpoints/${entry.id}`}>
            {entry.details.reason === 'gone' ? 'It answered 410' : 'It failed for five days'}
          </a>
        </div>
      );
    case 'audit': {
      const { action, actorKind, actorId, reason } = entry.details;
      return (
        <div>
          <Badge tone="quiet">{words(action)}</Badge>{' '}
          <span class="hint">
            by {actorKind.replace('_', ' ')} <span class="id">{actorId}</span>
          </span>
          {reason && <p>“{reason}”</p>}
        </div>
      );
    }
  }
}

function Run({ id, details }: { id: string; details: RunDetails }): preact.JSX.Element {
  const { state, startedAt, finishedAt, resources } = details;
  return (
    <div>
      <Badge tone={RUN_TONES[state]}>
        {words(details.run)} {state}
      </Badge>{' '}
      <a href={`#/runs/${id}`}>Run</a>{' '}
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
