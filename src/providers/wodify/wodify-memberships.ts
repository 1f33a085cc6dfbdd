import { currencyIn, optionalMoneyIn } from '../money';
import type { GoodRow, ProviderSettings } from '../provider';
import type { ProductRecord } from '../records';
import { flag, nameIn, optionalId, partOf, requiredText, text, type Row } from '../row';
import { updatedAt } from './wodify-times';

/** A membership: the product that one client holds. A deleted one only follows a record that is there already. */
export function mapMembership(row: Row, { timezone, ...settings }: ProviderSettings): Omit<GoodRow, 'externalId'> {
  const plan = partOf(row, 'payment_plan');
  const currency = currencyIn(plan, settings.currency);
  const deleted = flag(row, 'is_deleted', false);
  const record: ProductRecord = {
    name: requiredText(row, nameIn(row, 'name', 'membership_name')),
    kind: 'membership',
    amountMinor: optionalMoneyIn(
      plan,
      nameIn(plan, 'payment_amount', 'amount', 'price', 'total', 'commitment_total'),
      currency,
    ),
    currency,
    interval: text(plan, nameIn(plan, 'payment_frequency', 'frequency', 'interval', 'payment_plan_name'), 128),
    visits: null,
    active: !deleted && flag(row, 'is_active', true),
    customerExternalId: optionalId(row, 'client_id'),
    packageType: text(row, 'membership_type', 128),
  };
  return {
    record,
    sourceUpdatedAt: updatedAt(row, timezone),
    store: deleted ? 'if_known' : 'always',
    digest: null,
  };
}
