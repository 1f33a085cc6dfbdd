import type { Answers } from '../account-reader';
import { cannotTell, shows, type ProviderFact, type Shown } from '../fact';
import type { Row } from '../row';
import { unknownWords } from '../row-facts';
import { scalarText } from '../scalar';
import { formOf } from '../value-form';

const STANDALONE = ['standalone_approved', 'standalone_declined'];
export const TERMINAL_STATUSES = [
  ...['requested', 'in_progress', 'approved', 'declined', 'cancelled', 'error', 'timed_out'],
  ...STANDALONE,
];
const DESCRIBED = ['device_name', 'terminal_serial', 'terminal_ip', 'platform', 'app_version'];
const ENOUGH = 50;

function standaloneRows(seen: Answers): readonly Row[] {
  return ['payments', 'filter standalone_approved', 'after ten', 'offset ten']
    .flatMap((name) => seen.rows(name))
    .filter((row) => STANDALONE.includes(scalarText(row['status']) ?? ''));
}

function standaloneShown(seen: Answers): Shown {
  const [rows, all] = [standaloneRows(seen), seen.rows('payments')];
  if (rows.length > 0) return shows('present', `on ${rows.length} of the payments read`);
  const asked = seen.get('filter standalone_approved');
  const knowsFilter = asked?.status === 200 && all.length > 0;
  if (!knowsFilter && all.length < ENOUGH) return cannotTell(`none among ${all.length} payments`);
  return shows('absent', `none among ${all.length} payments`);
}

function referencesShown(seen: Answers): Shown {
  const rows = standaloneRows(seen);
  if (rows.length === 0) return cannotTell('no standalone payment was read');
  const values = rows.flatMap((row) => [row['invoice_id'], row['reference']]);
  const because = `\`invoice_id\` and \`reference\` of ${rows.length} standalone payments`;
  if (values.every((value) => value === undefined)) return shows('absent', because);
  return shows(values.every((value) => value === null) ? 'null' : 'filled', because);
}

function devicesShown(seen: Answers): Shown {
  const rows = seen.rows('devices');
  if (rows.length === 0) return cannotTell('the account shows no devices');
  const values = rows.flatMap((row) => DESCRIBED.map((name) => row[name]));
  const [missing, nulls] = [
    values.filter((value) => value === undefined).length,
    values.filter((value) => value === null).length,
  ];
  const because = `of ${values.length} values ${nulls} are null, ${missing} missing`;
  if (missing === values.length) return shows('absent', because);
  return shows(missing + nulls === 0 ? 'full' : nulls === values.length ? 'null' : 'mixed', because);
}

function amountsShown(seen: Answers): Shown {
  const forms = [...new Set(seen.rows('payments').map((row) => formOf(row['amount_minor'])))];
  if (forms.length === 0) return cannotTell('the account shows no payments');
  return shows(
    forms.length === 1 && forms[0] === 'whole number' ? 'minor-units' : 'other',
    forms.slice(0, 5).join(', '),
  );
}

function typesShown(seen: Answers): Shown {
  return unknownWords(seen.rows('payments'), 'type', ['sale', 'refund', 'void']);
}

/** The forms of the Terminal's rows. */
export const TERMINAL_ROW_FACTS: readonly ProviderFact[] = [
  {
    id: 'standalone',
    words:
      '`standalone_approved` and `standalone_declined`: taken at the device without a request from the platform. Real card money.',
    certainty: 'owner',
    expected: 'present',
    adapter: 'Stores both approved words as money; a declined one is none.',
    ifWrong: 'Money that was taken at the device would be missing.',
    probe: standaloneShown,
  },
  {
    id: 'unknownWords',
    words: '`status` has nine values; any word not in this list goes to quarantine.',
    certainty: 'inferred',
    expected: 'none',
    adapter: 'Puts a payment with a word that it does not know in quarantine.',
    ifWrong: 'Those payments are missing until the word is added; the sync log counts them.',
    probe: (seen) => unknownWords(seen.rows('payments'), 'status', TERMINAL_STATUSES),
  },
  {
    id: 'types',
    words: '`type` is `sale`, `refund` or `void`.',
    certainty: 'owner',
    expected: 'none',
    notSimulated: true,
    adapter: 'Puts a payment of another type in quarantine.',
    ifWrong: 'Those payments are missing until the word is added.',
    probe: typesShown,
  },
  {
    id: 'standaloneReferences',
    words: 'Nobody shows what a standalone row says of a request that never was.',
    certainty: 'inferred',
    expected: null,
    adapter: 'Takes null and an absent field alike for none.',
    ifWrong: 'Nothing.',
    probe: referencesShown,
  },
  {
    id: 'deviceFields',
    words: 'Devices: most fields nullable.',
    certainty: 'owner',
    expected: 'mixed',
    adapter: 'Takes null and an absent field alike for not known.',
    ifWrong: 'Nothing.',
    probe: devicesShown,
  },
  {
    id: 'amounts',
    words: '`amount_minor` is a whole number of minor units.',
    certainty: 'owner',
    expected: 'minor-units',
    notSimulated: true,
    adapter: 'Takes whole numbers; anything else puts the row in quarantine.',
    ifWrong: 'Those payments are missing; the sync log counts them.',
    probe: amountsShown,
  },
];
