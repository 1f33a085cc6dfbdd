import { hash } from 'node:crypto';
import { currencyIn, optionalMoneyIn } from '../money';
import type { GoodRow, ProviderSettings } from '../provider';
import type { ProductRecord } from '../records';
import { flag, nameIn, optionalId, partOf, requiredText, text, type Row } from '../row';
import { updatedAt } from './wodify-times';

/**
 * A membership: one billing period of what one client holds. What a merchant sells is the plan: many rows share its
 * name, type and prices.
 */
export function mapMembership(row: Row, settings: ProviderSettings): Omit<GoodRow, 'externalId'> {
  const plan = partOf(row, 'payment_plan');
  const currency = currencyIn(plan, settings.currency);
  const initialMinor = costIn(plan, 'initial', currency);
  const renewalMinor = costIn(plan, 'renewal', currency);
  const renewed = optionalId(row, 'renewed_from_membership_id') !== null;
  const name = requiredText(row, nameIn(row, 'name', 'membership_name'));
  const packageType = text(row, 'membership_type', 128);
  const record: ProductRecord = {
    name,
    kind: 'membership',
    amountMinor: renewed ? renewalMinor : initialMinor,
    currency,
    interval: intervalOf(plan),
    visits: null,
    active: !flag(row, 'is_deleted', false) && flag(row, 'is_active', true),
    customerExternalId: optionalId(row, 'client_id'),
    planKey: planKeyOf([name, packageType, initialMinor, renewalMinor, currency]),
    packageType,
  };
  return { record, sourceUpdatedAt: updatedAt(row), store: 'always', digest: null };
}

function costIn(plan: Row, kind: 'initial' | 'renewal', currency: string): number | null {
  return optionalMoneyIn(partOf(plan, `${kind}_payment_option`), `${kind}_cost`, currency);
}

/** Of a plan that renews itself: `1 Months`. */
function intervalOf(plan: Row): string | null {
  if (!flag(plan, 'is_auto_renew', false)) return null;
  const length = text(plan, 'initial_commitment_length', 32);
  const unit = text(plan, 'initial_commitment_time_unit', 64);
  return length === null || unit === null ? null : `${length} ${unit}`;
}

function planKeyOf(plan: readonly (string | number | null)[]): string {
  return hash('sha256', JSON.stringify(plan), 'base64url').slice(0, 16);
}
