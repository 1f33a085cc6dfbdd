import type { Account, ResourceDefinition } from '../account';
import { Draw } from '../random';
import { createdAtMs } from '../spread';
import type { SandboxRow } from '../table';
import { locationOf } from './wodify-client-rows';
import { dateField, ordinalOfNumber } from './wodify-values';
import { wodifyVariant } from './wodify-variants';

const dayMs = 86_400_000;

/** What a gym sells: a few plans, of which one name goes with two prices and one with two types. */
const plans = [
  { name: 'Unlimited monthly', type: 'Class Plan', initial: 129.9, renewal: 129.9, length: 1, unit: 'Months' },
  { name: 'Unlimited monthly', type: 'Class Plan', initial: 99, renewal: 99, length: 1, unit: 'Months' },
  { name: 'Three a week', type: 'Class Plan', initial: 49.5, renewal: 87.5, length: 3, unit: 'Months' },
  { name: 'Founding year', type: 'Class Plan', initial: 1099, renewal: 1149, length: 1, unit: 'Years' },
  { name: 'Ten sessions', type: 'Class Pack', initial: 150, renewal: 0, length: 10, unit: 'Classes' },
  { name: 'Ten sessions', type: 'Appointment Pack', initial: 320.35, renewal: 0, length: 10, unit: 'Appointments' },
] as const;

/** Ordinals in blocks of six are three holders: the first has had three periods, the second two, the third one. */
const periods = [0, 1, 2, 0, 1, 0] as const;
const spans = [3, 3, 3, 2, 2, 1] as const;

interface Period {
  /** How many of the same holder's came before. */
  index: number;
  isLast: boolean;
  /** Ordinal of the first. */
  first: number;
}

function periodOf(account: Account, ordinal: number): Period {
  const at = (ordinal - 1) % 6;
  const index = periods[at] ?? 0;
  const isLast = index + 1 === spans[at] || ordinal === account.size('memberships');
  return { index, isLast, first: ordinal - index };
}

/** Each billing period is a row of its own. Memberships do not say when they changed. */
export const membershipResource: ResourceDefinition = {
  source: (account) => ({
    size: account.size('memberships'),
    row: (ordinal) => membershipRow(account, ordinal),
    updatedAtMs: () => null,
    readUpdatedAtMs: () => null,
  }),
  touch: () => undefined,
  birth(row, atMs, account) {
    Object.assign(row, dateField(account, 'start_date', atMs));
  },
  mutate(row, serial) {
    row['name'] = `${String(row['name']).replace(/ changed \d+$/, '')} changed ${serial}`;
  },
  ordinalOf: ordinalOfNumber,
};

function membershipRow(account: Account, ordinal: number): SandboxRow {
  const period = periodOf(account, ordinal);
  const draw = new Draw(account.seedOf('memberships', period.first));
  const clientId = draw.whole(1, Math.max(1, account.size('clients')));
  const plan = draw.pick(plans);
  const place = locationOf(account, draw);
  const ended = !period.isLast || draw.chance(0.2);
  const own = new Draw(account.seedOf('memberships', ordinal, 3));
  const startMs = createdAtMs(account, 'memberships', period.first) + period.index * 30 * dayMs;
  const renews = plan.type === 'Class Plan';
  return {
    id: ordinal,
    client_id: clientId,
    name: plan.name,
    membership_type: plan.type,
    is_active: !ended,
    is_deleted: own.chance(0.02),
    ...dateField(account, 'start_date', startMs),
    ...dateField(account, 'end_date', ended ? startMs + 30 * dayMs : null),
    ...dateField(account, 'expiration_date', renews ? null : startMs + 365 * dayMs),
    ...renewedFrom(account, period.index === 0 ? null : ordinal - 1),
    payment_plan: paymentPlanOf(account, plan, renews),
    location_id: place,
  };
}

function renewedFrom(account: Account, id: number | null): SandboxRow {
  const form = wodifyVariant(account, 'firstPeriod');
  if (id === null && form === 'absent') return {};
  return { renewed_from_membership_id: id ?? (form === 'zero' ? 0 : null) };
}

function paymentPlanOf(account: Account, plan: (typeof plans)[number], renews: boolean): SandboxRow | null {
  const form = wodifyVariant(account, 'paymentPlan');
  if (form === 'null') return null;
  const option = (kind: 'initial' | 'renewal', cost: number): SandboxRow => ({
    [`${kind}_payment_option`]: {
      [`${kind}_payment_option_type`]: renews ? 'Recurring' : 'One Time',
      [`${kind}_cost`]: cost,
    },
  });
  return {
    payment_plan_name: plan.name,
    is_auto_renew: renews,
    ...(form === 'present' && { ...option('initial', plan.initial), ...option('renewal', plan.renewal) }),
    initial_commitment_length: plan.length,
    initial_commitment_time_unit: plan.unit,
  };
}
