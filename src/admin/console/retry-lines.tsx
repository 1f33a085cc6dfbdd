import type { Entry } from './api';
import { Badge, Table } from './components';
import { environmentName, number, providerName } from './format';

type Line = NonNullable<Entry<'/approvals/{id}'>['outcome']>['integrations'][number];

const WHY_NOT = {
  paused: 'Paused: resume it instead',
  credentials_rejected: 'Credentials rejected: ask the merchant for new ones',
  payment_held: (
    <>
      A payment is held: <a href="#/payment-reviews">decide over it</a>
    </>
  ),
  nothing_retryable: 'Nothing to retry',
  changed_meanwhile: 'Changed meanwhile',
};

/** What a bulk retry does, or has done, to each integration. */
export function RetryLines({ rows }: { rows: readonly Line[] | null }): preact.JSX.Element {
  return (
    <Table
      label="Integrations of the retry"
      rows={rows}
      keyOf={({ integrationId }) => integrationId}
      columns={[
        {
          title: 'Merchant',
          cell: (line) => (
            <a href={`#/integrations/${line.integrationId}`}>{line.merchantName ?? line.integrationId}</a>
          ),
        },
        {
          title: 'Provider',
          cell: (line) => (
            <span>
              {providerName(line.provider)} <span class="hint">{environmentName(line.environment)}</span>
            </span>
          ),
        },
        { title: 'Another attempt', cell: (line) => number(line.queued) },
        { title: 'Skipped', cell: (line) => number(line.skipped) },
        {
          title: 'Why not',
          cell: (line) => (line.because ? <Badge tone="quiet">{WHY_NOT[line.because]}</Badge> : '–'),
        },
      ]}
    />
  );
}
