import type { LiveRun } from './api';
import { Empty, Loading } from './components';
import { number, providerName, words } from './format';

export function LiveList({ live }: { live: LiveRun[] | null }): preact.JSX.Element {
  if (live === null) return <Loading />;
  if (live.length === 0) return <Empty>No run is under way.</Empty>;
  return (
    <ul class="rows">
      {live.slice(0, 8).map((run) => (
        <li key={run.runId} class="live">
          <a href={`#/runs/${run.runId}`}>
            <b>{run.merchantName ?? run.integrationId}</b>
            <span class="hint">
              {providerName(run.provider)} · {words(run.trigger).toLowerCase()}
            </span>
          </a>
          <LiveProgress run={run} />
        </li>
      ))}
    </ul>
  );
}

export function LiveProgress({ run }: { run: LiveRun }): preact.JSX.Element {
  const doing =
    run.state === 'queued'
      ? run.waitReason
        ? `waits: ${words(run.waitReason).toLowerCase()}`
        : 'queued'
      : `${run.resourceType ?? 'begins'}: ${number(run.fetched)} read, ${number(run.changed)} changed`;
  return (
    <span class="grow progress">
      <span class="hint">{doing}</span>
      {run.state === 'running' && (
        <progress max={Math.max(run.resources, 1)} value={run.resourcesDone} aria-label="Resources done" />
      )}
    </span>
  );
}
