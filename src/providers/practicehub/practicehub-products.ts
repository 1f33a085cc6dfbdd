import { currencyIn, optionalMoneyIn } from '../money';
import type { GoodRow } from '../provider';
import type { ProductKind, ProductRecord } from '../records';
import { flag, isRow, nameIn, optionalId, requiredText, RowProblem, text, wholeNumber, type Row } from '../row';
import { timeIn } from '../zoned-time';
import type { MappingContext } from './practicehub-mapping';

/** A service, product or package. Their prices come as decimal strings or as JSON numbers. */
export function mapProduct(row: Row, kind: ProductKind, settings: MappingContext): Omit<GoodRow, 'externalId'> {
  const currency = currencyIn(row, settings.currency);
  const record: ProductRecord = {
    name: requiredText(row, nameIn(row, 'name', 'title')),
    kind,
    amountMinor: optionalMoneyIn(row, nameIn(row, 'price', 'amount', 'fee', 'total'), currency),
    currency,
    interval: text(row, nameIn(row, 'interval', 'billing_interval'), 64),
    visits: wholeNumber(row, 'visits'),
    active: flag(row, 'active', true),
    publicName: text(row, 'public_name'),
    packageType: text(row, 'package_type', 128),
    chargeType: text(row, 'charge_type', 128),
    ...(kind === 'package' ? holdersOf(row) : {}),
  };
  return { record, sourceUpdatedAt: timeIn(row, 'updated', settings.timezone), store: 'always', digest: null };
}

/**
 * Who holds a package: its owner, or several who share it and have none; a package that is merely on offer has nobody.
 */
function holdersOf(row: Row): Pick<ProductRecord, 'customerExternalId' | 'customerExternalIds'> {
  const subscribed = row['subscribed_patients'] ?? [];
  if (!Array.isArray(subscribed)) throw new RowProblem('subscribed_patients', 'is not a list');
  const owner = optionalId(row, 'patient_id');
  const named = subscribed.filter(isRow).map((holder) => optionalId(holder, 'patient_id'));
  const holders = [...new Set([owner, ...named].filter((id) => id !== null))];
  if (holders.length > 1) return { customerExternalId: owner, customerExternalIds: holders };
  return { customerExternalId: holders[0] ?? null };
}
