import type { Overview } from './api';
import { StackedBars, type Series } from './charts';
import { Badge, CONDITIONS, Empty } from './components';
import { clock, number, queryOf, words } from './format';
import type { Scope } from './scope';

const ERROR_COLOURS = ['c1', 'c2', 'c3', 'c4', 'c5', 'c6'];
const HOUR_MS = 3_600_000;
type Counts = Overview['counts'];

export function Runs({ overview, scope }: { overview: Overview; scope: Scope }): preact.JSX.Element {
  const { runs } = overview;
  const series = [
    { label: 'Failed', colour: 'critical', values: runs.map(({ failed }) => failed), more: { state: 'failed' } },
    { label: 'Succeeded', colour: 'ok', values: runs.map(({ succeeded }) => succeeded), more: { state: 'succeeded' } },
  ];
  return <BarsOfRuns label="Runs" overview={overview} scope={scope} series={series} />;
}

export function WhyRunsFailed({ overview, scope }: { overview: Overview; scope: Scope }): preact.JSX.Element {
  if (overview.errors.length === 0) return <Empty>No run failed.</Empty>;
  return (
    <BarsOfRuns label="Causes" overview={overview} scope={scope} series={causes(overview)} more={{ state: 'failed' }} />
  );
}

/** Each bar leads to the runs that it counts, and so does each word below. */
function BarsOfRuns(props: {
  label: string;
  overview: Overview;
  scope: Scope;
  series: (Series & { more: Record<string, string> })[];
  more?: Record<string, string>;
}): preact.JSX.Element {
  const { overview, scope, series, label } = props;
  const starts = overview.runs.map(({ from }) => Date.parse(from));
  const barMs = overview.barHours * HOUR_MS;
  const between = (from: number, to: number, more: Record<string, string> = {}): string =>
    `#/runs${queryOf({ ...scope, ...props.more, ...more, finishedFrom: iso(from), finishedTo: iso(to) })}`;
  const end = starts.at(-1)! + barMs;
  return (
    <StackedBars
      label={label}
      times={starts.map((start) => start / 1_000)}
      series={series.map(({ more, ...one }) => ({ ...one, href: between(starts[0]!, end, more) }))}
      linkOf={(index) => between(starts[index]!, starts[index]! + barMs)}
      nameOf={(index) => `${clock(iso(starts[index]!))} to ${clock(iso(starts[index]! + barMs))}`}
    />
  );
}

const iso = (ms: number): string => new Date(ms).toISOString();

const NOT_SYNCS = { push: 'A payment failed or is unknown', erase: 'An erasure failed' } as const;

/** Syncs by the code of their error. A payment has its own reasons, which its page tells. */
function causes({ errors, runs }: Overview): (Series & { more: Record<string, string> })[] {
  const causeOf = ({ kind, errorCode }: Overview['errors'][number]): string => (kind === 'sync' ? errorCode : kind);
  const found = new Map(errors.map((row) => [causeOf(row), row]));
  return [...found].slice(0, ERROR_COLOURS.length).map(([cause, { kind, errorCode }], index) => ({
    label: kind === 'sync' ? words(errorCode) : NOT_SYNCS[kind],
    colour: ERROR_COLOURS[index]!,
    more: { kind, ...(kind === 'sync' && { errorCode }) },
    values: runs.map(({ from }) =>
      errors
        .filter((row) => causeOf(row) === cause && Date.parse(row.from) === Date.parse(from))
        .reduce((sum, { count }) => sum + count, 0),
    ),
  }));
}

const COUNT_OF: Record<keyof typeof CONDITIONS, keyof Counts> = {
  healthy: 'healthy',
  degraded: 'degraded',
  waiting_for_provider: 'waitingForProvider',
  paused: 'paused',
  operator_paused: 'operatorPaused',
  switched_off: 'switchedOff',
  inactive: 'inactive',
};

export function HealthBar({ counts, scope }: { counts: Counts; scope: Scope }): preact.JSX.Element {
  const parts = (Object.keys(COUNT_OF) as (keyof typeof CONDITIONS)[]).map((condition) => ({
    condition,
    ...CONDITIONS[condition],
    count: counts[COUNT_OF[condition]],
  }));
  const active = Math.max(counts.active, 1);
  let x = 0;
  return (
    <>
      <svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
        <rect class="fill line" width="100" height="4" />
        {parts
          .filter(({ condition }) => condition !== 'inactive')
          .map(({ condition, tone, count }) => {
            const width = (count / active) * 100;
            x += width;
            return <rect key={condition} class={`fill ${tone}`} x={x - width} width={width} height="4" />;
          })}
      </svg>
      <dl class="counts">
        {parts.map(({ condition, tone, name, count }) => (
          <div key={condition}>
            <dt>
              <Badge tone={tone}>{name}</Badge>
            </dt>
            <dd>
              <a href={`#/integrations${queryOf({ ...scope, condition })}`} aria-label={`${name}: ${count}, show them`}>
                {number(count)}
              </a>
            </dd>
          </div>
        ))}
        <div>
          <dt>
            <Badge tone="info">Syncing now</Badge>
          </dt>
          <dd>
            <a
              href={`#/integrations${queryOf({ ...scope, status: 'syncing' })}`}
              aria-label={`Syncing now: ${counts.syncing}, show them`}
            >
              {number(counts.syncing)}
            </a>
          </dd>
        </div>
      </dl>
    </>
  );
}

export function Lateness({ buckets }: { buckets: Overview['lateness'] }): preact.JSX.Element {
  const most = Math.max(1, ...buckets.map(({ count }) => count));
  const tones = ['ok', 'ok', 'info', 'warning', 'critical'];
  return (
    <table class="meter">
      <tbody>
        {buckets.map(({ upToMinutes, count }, index) => (
          <tr key={String(upToMinutes)}>
            <th scope="row">{boundOf(upToMinutes, index)}</th>
            <td class="grow">
              <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
                <rect class="fill line" width="100" height="6" rx="1" />
                <rect class={`fill ${tones[index]}`} width={(count / most) * 100} height="6" rx="1" />
              </svg>
            </td>
            <td class="count">{number(count)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function boundOf(upToMinutes: number | null, index: number): string {
  if (index === 0) return 'On time';
  if (upToMinutes === null) return 'Over an hour';
  return `Up to ${upToMinutes} min`;
}
