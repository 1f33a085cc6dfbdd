import type { Answers } from '../account-reader';
import { cannotTell, shows, type ProviderFact, type Shown } from '../fact';
import { exponentOf } from '../money';
import { isRow, type Row } from '../row';
import { presence } from '../row-facts';
import { scalarText } from '../scalar';
import { formOf } from '../value-form';
import { parseTime } from '../zoned-time';
import { pathsOf } from './practicehub-questions';

const DIGITS = /\d/g;
const HOUR_MS = 3_600_000;

function packages(seen: Answers): readonly Row[] {
  return pathsOf('patient_packages', seen.asked.paths).flatMap((path) => seen.rows(`patient_packages at ${path}`));
}

function updatedShown(seen: Answers): Shown {
  const rows = [...seen.rows('patients'), ...seen.rows('invoices'), ...seen.rows('payments')];
  if (rows.length === 0) return cannotTell('no rows');
  const { having, text } = presence(rows, 'updated');
  return shows(having === 0 ? 'never' : having === rows.length ? 'always' : 'mostly', text);
}

function holdersShown(seen: Answers): Shown {
  const rows = packages(seen);
  if (rows.length === 0) return cannotTell('the account shows no packages');
  const owned = rows.filter((row) => row['patient_id'] !== null && row['patient_id'] !== undefined).length;
  const subscribed = rows.filter(
    (row) => Array.isArray(row['subscribed_patients']) && row['subscribed_patients'].length > 0,
  ).length;
  const because = `\`patient_id\` on ${owned}, \`subscribed_patients\` on ${subscribed} of ${rows.length} rows`;
  if (owned === rows.length && subscribed === 0) return shows('patient_id', because);
  return shows(
    owned === 0 && subscribed === rows.length ? 'subscribed' : owned + subscribed === 0 ? 'neither' : 'mixed',
    because,
  );
}

function owingShown(seen: Answers): Shown {
  const rows = packages(seen);
  if (rows.length === 0) return cannotTell('the account shows no packages');
  const values = rows.map((row) => row['owing']);
  if (values.every((value) => value === undefined)) return shows('absent', 'no row has `owing`');
  if (values.every((value) => value === '')) return shows('blank', '`owing` is an empty text on every row');
  if (values.every((value) => value === null)) return shows('null', '`owing` is null on every row');
  return shows('filled', '`owing` holds something on some rows');
}

function packageMoneyShown(seen: Answers): Shown {
  const values = packages(seen)
    .map((row) => row['price'])
    .filter((value) => value !== null && value !== undefined);
  if (values.length === 0) return cannotTell('no package has a price');
  const forms = [...new Set(values.map((value) => typeof value))];
  return shows(forms.length > 1 ? 'mixed' : forms[0]!, `the price of ${values.length} packages`);
}

function numbersShown(seen: Answers): Shown {
  const rows = seen.rows('patients');
  if (rows.length === 0) return cannotTell('the account shows no patients');
  if (presence(rows, 'numbers').having === 0) return shows('absent', 'no patient has `numbers`');
  const entries = rows.flatMap((row) => (Array.isArray(row['numbers']) ? row['numbers'].filter(isRow) : []));
  const usable = entries.filter((entry) => ((scalarText(entry['number']) ?? '').match(DIGITS) ?? []).length >= 7);
  if (usable.length === 0) return shows('empty', `${rows.length} patients, none has a number`);
  const without = usable.filter((entry) => typeof entry['iso2'] !== 'string' || entry['iso2'] === '').length;
  const because = `${usable.length} numbers, ${without} of them without a country`;
  return shows(without === 0 ? 'present' : 'no-country', because);
}

function idsShown(seen: Answers): Shown {
  const rows = [...seen.rows('patients'), ...seen.rows('invoices'), ...seen.rows('payments')];
  const own = new Set(rows.map((row) => typeof row['id']));
  const foreign = new Set(
    [...seen.rows('invoices'), ...seen.rows('payments')].flatMap((row) =>
      row['patient_id'] == null ? [] : [typeof row['patient_id']],
    ),
  );
  if (own.size === 0 || foreign.size === 0) return cannotTell('too few rows');
  const kinds = `${[...own].sort().join('/')} own, ${[...foreign].sort().join('/')} foreign`;
  const known: Readonly<Record<string, string>> = {
    'number own, string foreign': 'live',
    'string own, string foreign': 'strings',
    'number own, number foreign': 'numbers',
  };
  return shows(known[kinds] ?? 'mixed', kinds);
}

function moneyShown(seen: Answers): Shown {
  const values = [...seen.rows('invoices'), ...seen.rows('payments')].flatMap((row) => [row['total'] ?? row['amount']]);
  const forms = [...new Set(values.filter((value) => value !== undefined && value !== null).map(formOf))];
  if (forms.length === 0) return cannotTell('no row has money');
  const isDecimal = forms.every((form) => form.startsWith('decimal string') || form === 'whole number as text');
  const { currency } = seen.asked;
  const finer =
    currency !== null && forms.some((form) => Number(/, (\d+) place/.exec(form)?.[1] ?? 0) > exponentOf(currency));
  if (finer) return shows('finer', `more places than ${currency} has: ${forms.slice(0, 5).join(', ')}`);
  return shows(isDecimal ? 'decimal-strings' : 'other', forms.slice(0, 5).join(', '));
}

function timesShown(seen: Answers): Shown {
  const values = ['patients', 'invoices', 'payments'].flatMap((name) => seen.rows(name).map((row) => row['created']));
  const forms = [...new Set(values.filter((value) => typeof value === 'string').map(formOf))];
  if (forms.length === 0) return cannotTell('no row has `created`');
  const zoneless = forms.every((form) => form === 'YYYY-MM-DD HH:MM:SS');
  return shows(zoneless ? 'zoneless' : 'other', forms.slice(0, 5).join(', '));
}

/** A zone-less time later than the provider's own clock can only be local time east of the zone that it was read in. */
function zoneShown(seen: Answers): Shown {
  const { timezone } = seen.asked;
  const now = seen.get('invoices')?.providerTime ?? seen.get('patients')?.providerTime ?? null;
  const written = ['patients', 'invoices', 'payments'].flatMap((name) =>
    seen.rows(name).flatMap((row) => [row['created'], row['updated']]),
  );
  const newest = Math.max(...written.map((value) => instantOf(value, timezone)));
  if (now === null || newest === -Infinity) return cannotTell('no times');
  const aheadHours = (newest - now.getTime()) / HOUR_MS;
  const isAhead = aheadHours > 0.1 && aheadHours < 27;
  const ahead = `a time lies ${aheadHours.toFixed(1)} hours ahead: a zone further east`;
  if (timezone === null) return cannotTell(isAhead ? ahead : 'times carry no zone; none lies ahead of UTC');
  return isAhead
    ? shows('another', ahead)
    : shows(timezone, 'read in this zone, no time lies ahead of the provider’s clock');
}

function instantOf(value: unknown, timezone: string | null): number {
  try {
    return parseTime(value, timezone, '')?.getTime() ?? -Infinity;
  } catch {
    return -Infinity;
  }
}

/** The forms of PracticeHub's rows. */
export const PRACTICEHUB_ROW_FACTS: readonly ProviderFact[] = [
  {
    id: 'updatedOnRows',
    words: '`updated` can be missing on a row.',
    certainty: 'live',
    expected: 'mostly',
    adapter: 'Finds changes by the digest of a row, not by its time.',
    ifWrong: 'Nothing is lost; a list without times of change cannot show whether a filter was honoured.',
    probe: updatedShown,
  },
  {
    id: 'numbers',
    words: 'Telephone numbers are in `numbers` only; `iso2` is the country of the number.',
    certainty: 'live',
    expected: 'present',
    adapter: 'Takes the first usable number, in E.164 where its country is told.',
    ifWrong: 'Customers have no telephone number, or one as it was written.',
    probe: numbersShown,
  },
  {
    id: 'ids',
    words: 'Own ids are ints, foreign keys strings.',
    certainty: 'live',
    expected: 'live',
    adapter: 'Reads an id as a number or as a text.',
    ifWrong: 'Nothing, as long as they are one of the two.',
    probe: idsShown,
  },
  {
    id: 'money',
    words: 'Invoice and payment money are decimal strings.',
    certainty: 'live',
    expected: 'decimal-strings',
    notSimulated: true,
    adapter: 'Reads decimal strings and numbers, without binary drift.',
    ifWrong: 'A form with separators or a currency sign puts the row in quarantine.',
    probe: moneyShown,
  },
  {
    id: 'packageMoney',
    words: 'Package money is a number.',
    certainty: 'live',
    expected: 'number',
    adapter: 'Reads numbers and decimal strings.',
    ifWrong: 'As for other money.',
    probe: packageMoneyShown,
  },
  {
    id: 'packageHolders',
    words: '`patient_id` is null for shared packages; `subscribed_patients` names all who hold one.',
    certainty: 'live',
    expected: 'mixed',
    adapter: 'Reads both.',
    ifWrong: 'A package is stored without all of its holders.',
    probe: holdersShown,
  },
  {
    id: 'packageOwing',
    words: '`owing` is blank.',
    certainty: 'live',
    expected: 'blank',
    adapter:
      'Reads neither it nor `package_balance`: a package is stored with its price, not with what is owed for it.',
    ifWrong: 'Nothing is stored of it.',
    probe: owingShown,
  },
  {
    id: 'times',
    words: 'Times are `YYYY-MM-DD HH:MM:SS`, without a zone.',
    certainty: 'live',
    expected: 'zoneless',
    notSimulated: true,
    adapter: 'Reads them in the merchant’s zone; takes a zone where one is written.',
    ifWrong: 'Another form puts the row in quarantine.',
    probe: timesShown,
  },
  {
    id: 'timezone',
    words: 'Times carry no zone.',
    certainty: 'live',
    expected: null,
    adapter: 'Uses the `timezone` given at activation; without one it assumes UTC and overlaps by 26 hours.',
    ifWrong: 'Times are off by the zone’s offset until it is corrected; then they are read anew.',
    probe: zoneShown,
  },
];
