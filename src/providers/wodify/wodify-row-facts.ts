import type { Answers } from '../account-reader';
import { cannotTell, shows, type ProviderFact, type Shown } from '../fact';
import { isRow, type Row } from '../row';
import { only, presence } from '../row-facts';
import { formOf } from '../value-form';

const DATES: readonly (readonly [list: string, fields: readonly string[]])[] = [
  ['invoices', ['paid_on_date', 'payment_due']],
  ['clients', ['last_attendance', 'member_since']],
  ['memberships', ['end_date', 'expiration_date']],
];

function datesShown(seen: Answers): Shown {
  const columns = DATES.flatMap(([list, fields]) => fields.map((field) => seen.rows(list).map((row) => row[field])));
  const values = columns.flat();
  if (values.length === 0) return cannotTell('no rows');
  const count = (test: (value: unknown) => boolean): number => values.filter(test).length;
  const [old, nulls] = [
    count((value) => typeof value === 'string' && value.startsWith('1900-01-01')),
    count((value) => value === null),
  ];
  const isPartlyAbsent = columns.some(
    (column) => column.includes(undefined) && column.some((value) => value !== undefined),
  );
  if (old > 0) return shows('1900-01-01', `${old} of ${values.length} dates`);
  if (nulls > 0) return shows('null', `${nulls} of ${values.length} dates`);
  return isPartlyAbsent ? shows('absent', 'some rows lack the field') : cannotTell('no date is missing');
}

function stampsOf(rows: readonly Row[]): unknown[] {
  return rows.flatMap((row) =>
    ['created', 'created_on', 'updated']
      .flatMap((name) => (isRow(row[name]) ? Object.entries(row[name]) : []))
      .flatMap(([name, value]) => (name.endsWith('_on_datetime') ? [value] : [])),
  );
}

function instantsShown(seen: Answers): Shown {
  const stamps = [...stampsOf(seen.rows('invoices')), ...stampsOf(seen.rows('clients'))];
  const forms = [...new Set(stamps.map(formOf))].filter(
    (form) => form !== '1900-01-01' && form !== 'null' && form !== 'empty text',
  );
  if (forms.length === 0) return cannotTell('no row has an instant');
  const known: Readonly<Record<string, string>> = {
    'YYYY-MM-DDTHH:MM:SSZ': 'z',
    'YYYY-MM-DDTHH:MM:SS': 'bare',
    'YYYY-MM-DDTHH:MM:SS.SZ': 'fraction',
  };
  return shows(forms.length > 1 ? 'mixed' : (known[forms[0]!] ?? 'other'), forms.slice(0, 5).join(', '));
}

function updatedShown(seen: Answers): Shown {
  const rows = seen.rows('clients');
  if (rows.length === 0) return cannotTell('the account shows no clients');
  const { having, text } = presence(rows, 'updated');
  return shows(having === 0 ? 'absent' : having === rows.length ? 'present' : 'mostly', text);
}

function planShown(seen: Answers): Shown {
  const rows = seen.rows('memberships');
  if (rows.length === 0) return cannotTell('the account shows no memberships');
  const plans = rows.map((row) => row['payment_plan']).filter(isRow);
  const priced = plans.filter(
    (plan) => isRow(plan['initial_payment_option']) || isRow(plan['renewal_payment_option']),
  ).length;
  const because = `${plans.length} of ${rows.length} memberships have a plan, ${priced} of them with a payment option`;
  return shows(plans.length === 0 ? 'null' : priced === 0 ? 'no-options' : 'present', because);
}

function periodShown(seen: Answers): Shown {
  const values = seen.rows('memberships').map((row) => row['renewed_from_membership_id']);
  if (values.length === 0) return cannotTell('the account shows no memberships');
  const renewed = values.filter((value) =>
    typeof value === 'number' ? value > 0 : typeof value === 'string' && /[1-9]/.test(value),
  ).length;
  const because = `${renewed} of ${values.length} memberships renew another`;
  if (values.includes(null)) return shows('null', because);
  if (values.includes(0)) return shows('zero', because);
  return values.includes(undefined) ? shows('absent', because) : cannotTell('every membership renews another');
}

function zoneShown(seen: Answers): Shown {
  const zones = seen
    .rows('clients')
    .map((row) => row['timezone'])
    .filter((zone): zone is string => typeof zone === 'string' && zone !== '');
  if (zones.length === 0) return cannotTell('no client carries a time zone');
  const zone = only(zones);
  if (zone === null) return cannotTell(`clients carry ${new Set(zones).size} time zones`);
  return isZone(zone) ? shows(zone, `on ${zones.length} clients`) : cannotTell('what clients carry is no IANA zone');
}

/** By the list that the platform has, so that nothing else can pass for one. */
function isZone(zone: string): boolean {
  return zone === 'UTC' || Intl.supportedValuesOf('timeZone').includes(zone);
}

/** The forms of Wodify's rows. */
export const WODIFY_ROW_FACTS: readonly ProviderFact[] = [
  {
    id: 'updatedOnRows',
    words: 'Clients carry `updated{updated_on_datetime}`.',
    certainty: 'live',
    expected: 'present',
    adapter: 'Finds changes by the content of a row where its time is missing.',
    ifWrong: 'Rows cannot show whether a filter was honoured.',
    probe: updatedShown,
  },
  {
    id: 'instants',
    words: 'Instants are UTC with Z.',
    certainty: 'inferred',
    expected: 'z',
    adapter: 'Reads Z, offsets and fractions; one without a zone is UTC, whatever the merchant’s zone.',
    ifWrong: 'Bare instants that are local times would be off by the zone’s offset.',
    probe: instantsShown,
  },
  {
    id: 'missingDates',
    words: 'A missing date is `1900-01-01`.',
    certainty: 'live',
    expected: '1900-01-01',
    adapter: 'Takes 1900-01-01, null, an empty text and an absent field for no date.',
    ifWrong: 'Another stand-in would be stored as a date.',
    probe: datesShown,
  },
  {
    id: 'paymentPlan',
    words: 'A membership’s prices stand in `payment_plan.initial_payment_option` and `renewal_payment_option`.',
    certainty: 'live',
    expected: 'present',
    adapter: 'Reads the price from the plan’s options; without them there is none.',
    ifWrong: 'Plans of one name and type with different prices look like one plan.',
    probe: planShown,
  },
  {
    id: 'firstPeriod',
    words: 'Each billing period is a row of its own (`renewed_from_membership_id`); nobody shows the first one’s.',
    certainty: 'inferred',
    expected: null,
    adapter: 'Lists plans, not periods, so that nothing depends on it.',
    ifWrong: 'Nothing.',
    probe: periodShown,
  },
  {
    id: 'timezone',
    words: 'Date-only values are local days of the gym; a client carries its time zone.',
    certainty: 'inferred',
    expected: null,
    adapter: 'Reads days in the `timezone` given at activation.',
    ifWrong: 'A day may be stored as the one before or after.',
    probe: zoneShown,
  },
];
