import type { Answers } from '../account-reader';
import { cannotTell, shows, type ProviderFact, type Shown } from '../fact';
import { isRow, type Row } from '../row';
import { CHANGED_SINCE_SHOWN, changedSince, idNumber, only, orderOf, retryAfterShown, timeNumber } from '../row-facts';
import { envelopeOf, isFailure } from './wodify-questions';

function part(row: Row, name: string, field: string): unknown {
  return isRow(row[name]) ? row[name][field] : undefined;
}

function updatedShown(seen: Answers): Shown {
  const answers = { future: seen.get('updated to come'), past: seen.get('updated long ago') };
  const found = changedSince(answers, seen.rows('clients'), isFailure);
  return found === null
    ? cannotTell('the account has no clients, or did not answer')
    : shows(found, CHANGED_SINCE_SHOWN[found]);
}

function quotedShown(seen: Answers): Shown {
  const [plain, quoted] = [seen.get('unquoted date'), seen.get('quoted date')];
  if (quoted === undefined || quoted.status === null) return cannotTell('no answer');
  if (isFailure(quoted)) return shows('refused', 'a quoted date was refused');
  if (quoted.rows.length > 0) return shows('read', 'a quoted date was read as a date');
  return plain === undefined || plain.rows.length === 0
    ? cannotTell('neither form returned a client')
    : shows('nothing', 'a quoted date returned nothing, the same one without quotes returned rows');
}

function unsearchableShown(seen: Answers): Shown {
  const answer = seen.get('unsearchable field');
  if (answer === undefined || answer.status === null) return cannotTell('no answer');
  if (isFailure(answer)) return shows('refused', `a field that does not exist was refused (HTTP ${answer.status})`);
  if (answer.rows.length > 0) return shows('ignored', 'a field that does not exist returned rows');
  return seen.rows('clients').length > 0
    ? shows('nothing', 'a field that does not exist returned nothing')
    : cannotTell('no clients');
}

function sortShown(seen: Answers): Shown {
  const [down, up] = [seen.get('sort desc_created_on_datetime'), seen.get('sort created_on_datetime')];
  if (down === undefined || up === undefined || down.status === null || up.status === null)
    return cannotTell('no answer');
  if (isFailure(down)) return shows('refused', `answered HTTP ${down.status} with an error`);
  const times = (rows: readonly Row[]) => rows.map((row) => timeNumber(part(row, 'created', 'created_on_datetime')));
  const [falls, rises] = [orderOf(times(down.rows)).value === 'newest', orderOf(times(up.rows)).value === 'oldest'];
  if (down.rows.length < 5) return cannotTell('too few invoices to see an order');
  if (falls && rises) return shows('honoured', 'falls and rises as it is asked to');
  const isSame = down.rows.every((row, at) => row['id'] === up.rows[at]?.['id']);
  return isSame
    ? shows('ignored', 'both directions return the same rows')
    : shows('other', 'an order that was not asked for');
}

function errorsShown(seen: Answers): Shown {
  const asked = ['no such client', 'unsearchable field', 'quoted date', 'updated to come'].map((name) =>
    seen.get(name),
  );
  const failures = asked.filter((answer) => answer !== undefined && isFailure(answer));
  if (failures.length === 0) return cannotTell('no question was refused');
  const hidden = failures.filter((answer) => answer?.status === 200).length;
  const because = `${hidden} of ${failures.length} refusals came as HTTP 200`;
  if (hidden === 0) return shows('none', because);
  const keyless = seen.get('without key');
  return keyless?.status === 200 && isFailure(keyless)
    ? shows('all', `${because}, a call without a key too`)
    : shows('some', because);
}

function envelopeShown(seen: Answers): Shown {
  const found = ['no such client', 'unsearchable field', 'quoted date', 'updated to come'].flatMap((name) => {
    const answer = seen.get(name);
    const envelope = answer === undefined ? null : envelopeOf(answer);
    return envelope === null ? [] : [envelope];
  });
  if (found.length === 0) return cannotTell('no question was refused');
  return shows(only(found) ?? 'several', `${found.length} refusals`);
}

function singleShown(seen: Answers): Shown {
  const answer = seen.get('client');
  if (answer === undefined || answer.status === null || isFailure(answer))
    return cannotTell('no single row was answered');
  if (!isRow(answer.body)) return shows('other', 'the answer is no object');
  if (isRow(answer.body['client'])) return shows('wrapped', 'the row stands under `client`');
  return answer.body['id'] === undefined
    ? shows('other', 'the row stands elsewhere')
    : shows('bare', 'the row is the answer');
}

function pathShown(seen: Answers): Shown {
  const answer = seen.get('no such path');
  if (answer === undefined || answer.status === null) return cannotTell('no answer');
  const says = isRow(answer.body) && answer.body['message'] === 'Missing Authentication Token';
  return shows(
    answer.status === 403 && says ? '403' : String(answer.status),
    `an unknown path answers HTTP ${answer.status}`,
  );
}

/** How Wodify's lists are searched and sorted, and how it refuses. */
export const WODIFY_QUESTION_FACTS: readonly ProviderFact[] = [
  {
    id: 'updatedFilter',
    words:
      '`updated_on_datetime` is in no published list of searchable fields; it can be refused (200 with `HTTPCode` 400).',
    certainty: 'inferred',
    expected: 'honoured',
    adapter:
      'Asks after each full scan for changes that are known, and uses the filter only where they all come and nothing older does; otherwise reads the whole list.',
    ifWrong: 'Every run reads all clients: that costs calls and time, never rows.',
    probe: updatedShown,
  },
  {
    id: 'quotedDates',
    words: 'Dates and date-times are not quoted (three live callers, one says so in words).',
    certainty: 'live',
    expected: 'refused',
    adapter: 'Quotes no date and no date-time.',
    ifWrong:
      'Where quotes are read they do no harm; where they are refused or match nothing, a quoted question fails or misses changes.',
    probe: quotedShown,
  },
  {
    id: 'unsearchable',
    words: 'A field that cannot be searched can be refused (200 with `HTTPCode` 400).',
    certainty: 'inferred',
    expected: 'refused',
    adapter:
      'Takes a refusal for a filter that does not work, old rows for one that is ignored, and one that leaves out known changes for one that is not proven.',
    ifWrong:
      'Where such a field matches nothing, the changed-since filter is not proven, and every run reads all clients.',
    probe: unsearchableShown,
  },
  {
    id: 'sort',
    words: 'Sort: `sort=field` or `sort=desc_field`; nobody lists `created_on_datetime` among the fields.',
    certainty: 'doc',
    expected: 'honoured',
    adapter:
      'Reads invoices newest first; where they do not come so, or the order is refused, reads the list to its end and notes that.',
    ifWrong: 'Every run reads all invoices: that costs calls and time, never rows.',
    probe: sortShown,
  },
  {
    id: 'rowOrder',
    words: 'Nobody says in which order an unsorted list comes.',
    certainty: 'inferred',
    expected: 'oldest',
    adapter: 'Needs no order.',
    ifWrong: 'Where changed rows move while pages are read, a scan may miss one; it is seen by the next.',
    probe: (seen) => {
      const rows = seen.rows('clients');
      const changed = rows.map((row) => timeNumber(part(row, 'updated', 'updated_on_datetime')));
      return orderOf(rows.map(idNumber), changed);
    },
  },
  {
    id: 'errorsIn200',
    words: 'Some failures are HTTP 200 with `HTTPCode` ≥ 400 or an `ErrorCode` in the body.',
    certainty: 'live',
    expected: 'some',
    adapter: 'Looks at the body of every answer.',
    ifWrong: 'Nothing, as long as the body says it.',
    probe: errorsShown,
  },
  {
    id: 'errorEnvelope',
    words: 'Errors are `{HTTPCode, ErrorCode, …}`, `{"APIError":{"ErrorMessage":…}}`, or an `ErrorCode` alone.',
    certainty: 'live',
    expected: 'flat',
    adapter: 'Reads the known envelopes; an answer without a list is never taken for an empty one.',
    ifWrong: 'An error in an envelope of another kind is told as an answer that is not understood.',
    probe: envelopeShown,
  },
  {
    id: 'unknownPath',
    words: 'An unknown path answers 403 `{"message":"Missing Authentication Token"}`.',
    certainty: 'live',
    expected: '403',
    notSimulated: true,
    adapter: 'Says that an address is wrong, not that a permission is missing.',
    ifWrong: 'A mistyped base URL is told in other words.',
    probe: pathShown,
  },
  {
    id: 'single',
    words: 'Nobody shows whether a single GET names its resource.',
    certainty: 'inferred',
    expected: 'bare',
    adapter: 'Takes the row bare or under its resource’s name.',
    ifWrong: 'In a third form invoices have no lines, and a row that a scan missed cannot be settled.',
    probe: singleShown,
  },
  {
    id: 'retryAfter',
    words: '5 requests a second, burst 20, 500,000 a month; 429, no `Retry-After` documented.',
    certainty: 'doc',
    expected: 'off',
    adapter: 'Keeps 5 requests a second; backs off by itself, and honours `Retry-After` where there is one.',
    ifWrong: 'Longer waits than needed, or a few more 429.',
    probe: retryAfterShown,
  },
];
