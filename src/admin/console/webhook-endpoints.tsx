import { type Entry } from './api';
import { Badge, ListState, Table, When } from './components';
import { clock, environmentName, number, words } from './format';
import { useLoaded } from './reading';

export type Endpoint = Entry<'/webhook-endpoints/{id}'>;

/** The endpoints of a merchant, in both environments. */
export function WebhookEndpoints({ merchantId }: { merchantId: string }): preact.JSX.Element {
  const { data, error } = useLoaded('/merchants/{id}/webhook-endpoints', { id: merchantId });
  const rows = data?.data ?? null;
  return (
    <>
      <header class="section-head">
        <div>
          <h2>Webhook endpoints</h2>
          <p class="hint">Where the merchant’s events are sent. Behind: positions of the log still to be looked at.</p>
        </div>
      </header>
      <ListState rows={rows} error={error} empty="This merchant has no webhook endpoint." />
      <Table
        label="Webhook endpoints"
        rows={rows}
        keyOf={({ id }) => id}
        columns={[
          {
            title: 'Endpoint',
            cell: (row) => (
              <>
                <a href={`#/webhook-endpoints/${row.id}`}>{nameOf(row)}</a>{' '}
                <span class="hint">{environmentName(row.environment)}</span>
                <br />
                <code>{row.url}</code>
              </>
            ),
          },
          { title: 'State', cell: (row) => <EndpointState endpoint={row} /> },
          { title: 'Behind', cell: (row) => number(row.behind), class: 'count' },
          { title: 'Held, given up', cell: (row) => `${number(row.heldEvents)}, ${number(row.parkedEvents)}` },
          { title: 'Last success', cell: (row) => <When at={row.lastSuccessAt} /> },
        ]}
      />
    </>
  );
}

/** A line for each endpoint that somebody should look at; without one it is nothing. */
export function EndpointsInNeed(props: { merchantId: string; environment?: string }): preact.JSX.Element | null {
  const { data } = useLoaded('/merchants/{id}/webhook-endpoints', { id: props.merchantId });
  const rows = data?.data.filter(({ environment }) => !props.environment || environment === props.environment) ?? [];
  const told = rows.flatMap((row) => {
    const need = needOf(row);
    return need === null ? [] : [{ row, need }];
  });
  if (told.length === 0) return null;
  return (
    <ul class="findings" aria-label="Webhook endpoints to look at">
      {told.map(({ row, need }) => (
        <li key={row.id}>
          <div>
            Webhook endpoint <a href={`#/webhook-endpoints/${row.id}`}>{nameOf(row)}</a>{' '}
            <span class="hint">{environmentName(row.environment)}</span> {need}
          </div>
          <EndpointState endpoint={row} />
        </li>
      ))}
    </ul>
  );
}

/** One that has just taken events catches up by itself. */
const QUIET_MS = 60_000;

const IN_ONE_SENTENCE = new Intl.ListFormat('en', { type: 'conjunction' });

function needOf(endpoint: Endpoint): string | null {
  const { behind, lastSuccessAt, parkedEvents } = endpoint;
  const needs: string[] = [];
  const stop = stopOf(endpoint);
  if (stop !== null) needs.push(stop);
  const isQuiet = lastSuccessAt === null || Date.parse(lastSuccessAt) < Date.now() - QUIET_MS;
  if (behind > 0 && (stop !== null || isQuiet)) {
    needs.push(`is ${number(behind)} position${behind === 1 ? '' : 's'} of the log behind`);
  }
  if (parkedEvents > 0) {
    needs.push(`has ${number(parkedEvents)} ${parkedEvents === 1 ? 'event that was' : 'events that were'} given up`);
  }
  return needs.length === 0 ? null : IN_ONE_SENTENCE.format(needs);
}

function stopOf({ disabledReason, status, unsignedSince }: Endpoint): string | null {
  if (disabledReason === 'switched_off') return 'is switched off';
  if (disabledReason !== null) return `is switched off for ${disabledReason === 'gone' ? 'its answer 410' : 'failing'}`;
  if (unsignedSince !== null) return `waits for key management since ${clock(unsignedSince)}`;
  return status === 'degraded' ? 'fails' : null;
}

export const nameOf = ({ description, url }: Endpoint): string => description || new URL(url).host;

export function EndpointState({ endpoint }: { endpoint: Endpoint }): preact.JSX.Element {
  const { status, disabledReason, unsignedSince } = endpoint;
  if (disabledReason !== null) {
    const tone = disabledReason === 'switched_off' ? 'quiet' : 'critical';
    return (
      <Badge tone={tone}>
        {disabledReason === 'switched_off' ? 'Switched off' : `Disabled: ${words(disabledReason).toLowerCase()}`}
      </Badge>
    );
  }
  if (unsignedSince !== null) return <Badge tone="critical">Waits for key management</Badge>;
  return status === 'degraded' ? <Badge tone="warning">Degraded</Badge> : <Badge tone="ok">Healthy</Badge>;
}
