import { useState } from 'preact/hooks';
import { post, type Entry } from './api';
import { Badge, ListState, More, OperationDialog, Table, When, type OperatorAction } from './components';
import { environmentName, money, providerName, words } from './format';
import { usePages } from './reading';
import { ScopeFilter } from './scope';

type HeldPayment = Entry<'/payment-reviews'>;

/** A search is over within seconds. */
const EVERY_MS = 5_000;

/** Payments of which nobody knows whether the provider took them; nothing is sent again until somebody decides. */
export function PaymentReviews(props: { query: Record<string, string>; mayOperate: boolean }): preact.JSX.Element {
  const { query, mayOperate } = props;
  const { rows, next, more, reload, error } = usePages('/payment-reviews', { ...query, limit: '25' }, EVERY_MS);
  const [action, setAction] = useState<OperatorAction | null>(null);
  const searchAgain = (payment: HeldPayment): OperatorAction => ({
    title: 'Search the provider again',
    effect: `A run looks for ${payment.providerReference}. A payment that it finds goes on. One that it does not find is held again.`,
    confirm: 'Search',
    run: async (reason) => {
      await post('/payment-reviews/{id}/search', { id: payment.id }, { reason });
      reload();
    },
  });
  const notTaken = (payment: HeldPayment): OperatorAction => ({
    title: 'The provider does not have it',
    effect: `Look for ${payment.providerReference} at ${providerName(payment.provider)} first. The payment fails${payment.isSearched ? ', nothing searches for it any more' : ''}, and the merchant may pay ${money(payment.amountMinor, payment.currency)} again.`,
    confirm: 'It was not taken',
    danger: true,
    run: async (reason) => {
      await post('/payment-reviews/{id}/not-taken', { id: payment.id }, { reason });
      reload();
    },
  });
  return (
    <>
      <p class="hint">
        The provider was asked to take these payments and did not say whether it did. None is sent again by itself.
      </p>
      <ScopeFilter section="payment-reviews" query={query} />
      <ListState rows={rows} error={error} empty="No payment is held." />
      <Table
        label="Held payments"
        rows={rows}
        keyOf={({ id }) => id}
        columns={[
          { title: 'Payment', cell: (row) => <code>{row.reference}</code> },
          { title: 'Amount', cell: (row) => money(row.amountMinor, row.currency), class: 'count' },
          {
            title: 'Merchant',
            cell: (row) => (
              <span>
                <a href={`#/integrations/${row.integrationId}`}>{row.merchantName ?? row.integrationId}</a>
                <br />
                <span class="hint">
                  {providerName(row.provider)} · {environmentName(row.environment)}
                </span>
              </span>
            ),
          },
          {
            title: 'Look for',
            cell: (row) => (
              <span>
                <code>{row.providerReference}</code>
                <br />
                <span class="hint">
                  invoice {row.externalInvoiceId}, customer {row.externalCustomerId}
                </span>
              </span>
            ),
          },
          { title: 'Held', cell: (row) => <When at={row.heldAt} /> },
          {
            title: 'Decide',
            class: 'decide',
            cell: (row) => (
              <div>
                {row.isSearched && <Search payment={row} />}
                {mayOperate && !row.isSearchRunning && (
                  <span class="actions">
                    {!row.isSearched && (
                      <button type="button" class="plain" onClick={() => setAction(searchAgain(row))}>
                        Search again
                      </button>
                    )}
                    <button type="button" class="danger" onClick={() => setAction(notTaken(row))}>
                      Not taken
                    </button>
                  </span>
                )}
              </div>
            ),
          },
        ]}
      />
      <More cursor={next} load={more} />
      {action && <OperationDialog action={action} close={() => setAction(null)} />}
    </>
  );
}

/** That somebody asked for one, and what keeps it. */
function Search({ payment }: { payment: HeldPayment }): preact.JSX.Element {
  const { isSearchRunning, searchWaitReason, searchWaitsUntil } = payment;
  if (isSearchRunning) return <Badge tone="info">Being searched</Badge>;
  return (
    <>
      <Badge tone="info">Search waits</Badge>
      <p class="hint">
        {searchWaitReason === null ? 'No run works on it yet.' : `${words(searchWaitReason)}.`}{' '}
        {searchWaitsUntil !== null && (
          <>
            It goes on <When at={searchWaitsUntil} /> at the earliest.
          </>
        )}
      </p>
    </>
  );
}
