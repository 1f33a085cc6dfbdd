import type { Answers } from '../account-reader';
import { cannotTell, shows, type ProviderFact, type Shown } from '../fact';
import { isRow } from '../row';
import {
  CHANGED_SINCE_SHOWN,
  changedSince,
  idNumber,
  isRefused,
  orderOf,
  retryAfterShown,
  timeNumber,
} from '../row-facts';
import { scalarNumber, scalarText } from '../scalar';
import { newestUpdate, pathsOf, type SettableList } from './practicehub-questions';

const SCANS_COST_TIME =
  'Where it does not pass, every run reads the whole list: that costs calls and time, never rows. If it were believed wrongly, changes would stay unseen until the next full scan.';
const PATHS_WORDS = 'Paths of services and products are not public: /services, /products by default, settable.';

function since(seen: Answers, name: string): Shown {
  const answers = { future: seen.get(`${name} to come`), past: seen.get(`${name} long ago`) };
  const found = changedSince(answers, seen.rows('patients'));
  if (found === null) return cannotTell('the account has no patients, or did not answer');
  return shows(found, CHANGED_SINCE_SHOWN[found]);
}

function pathShown(list: SettableList) {
  return (seen: Answers): Shown => {
    const tried = pathsOf(list, seen.asked.paths);
    for (const path of tried) {
      const answer = seen.get(`${list} at ${path}`);
      if (answer === undefined || answer.status === null) return cannotTell(`no answer at ${path}`);
      if (answer.status === 404) continue;
      if (answer.status >= 300) return cannotTell(`${path} answers ${answer.status}`);
      return shows(path, `${answer.rows.length} rows on the first page`);
    }
    return shows('404', `no list at ${tried.join(', ')}`);
  };
}

function totalsShown(seen: Answers): Shown {
  const answers = ['patients', 'patients page 2', 'patients page 3'].map((name) => seen.get(name));
  const told = answers.flatMap((answer) =>
    isRow(answer?.body) && answer.status === 200 ? [answer.body['total_entries']] : [],
  );
  if (told.length === 0) return cannotTell('no list was answered');
  if (told.every((total) => total === undefined || total === null))
    return shows('absent', 'no list has `total_entries`');
  if (new Set(told.map(scalarText)).size > 1) return shows('drifting', 'pages of one list tell different totals');
  const rows = seen.rows('patients').length;
  if (rows < 100 && scalarNumber(told[0]) !== rows) return shows('drifting', 'the total is not the number of rows');
  return shows('exact', `${told.length} pages tell one total`);
}

function linksShown(seen: Answers): Shown {
  const body = seen.get('patients')?.body;
  const links = isRow(body) ? body['links'] : undefined;
  if (!isRow(links))
    return seen.rows('patients').length === 0 ? cannotTell('no list was answered') : shows('absent', 'no `links`');
  if (links['previous'] === undefined) return shows('where-they-lead', 'the first page has no link `previous`');
  return links['previous'] === null
    ? shows('null-at-ends', 'the first page’s link `previous` is null')
    : shows('at-every-page', 'the first page has a link `previous`');
}

function noteShown(seen: Answers): Shown {
  const answer = seen.get('note');
  if (answer === undefined || answer.status === null || seen.rows('payments').length === 0)
    return cannotTell('the account has no payments');
  if (isRefused(answer)) return shows('refused', `answered ${answer.status}`);
  return answer.rows.length === 0
    ? shows('honoured', 'a note that nobody has returned nothing')
    : shows('ignored', 'a note that nobody has returned rows');
}

function createdShown(seen: Answers): Shown {
  const answers = { future: seen.get('created to come'), past: seen.get('created long ago') };
  const found = changedSince(answers, seen.rows('invoices'));
  return found === null
    ? cannotTell('the account has no invoices, or did not answer')
    : shows(found, CHANGED_SINCE_SHOWN[found]);
}

/** Only of a filter that works at all: the newest known change is found by its own time, and nothing older comes. */
function filterZoneShown(seen: Answers): Shown {
  const newest = newestUpdate(seen.rows('patients'));
  const answer = seen.get('updated at the newest');
  if (newest === null || answer?.status !== 200) return cannotTell('no patient has a time of change');
  if (since(seen, 'updated').value !== 'honoured') return cannotTell('the filter does not do what it says');
  const times = answer.rows.map((row) => row['updated']);
  if (times.some((time) => typeof time === 'string' && time < newest))
    return shows('UTC', 'rows come that are older than was asked for');
  if (times.includes(newest)) return shows('account', 'a change is found by its own time, and nothing older comes');
  return times.length < 20
    ? shows('UTC', 'a change is not found by its own time')
    : cannotTell('more changes than one page holds');
}

function singleShown(seen: Answers): Shown {
  const answer = seen.get('patient');
  if (answer === undefined || answer.status === null) return cannotTell('no single row was asked for');
  if (answer.status >= 300) return shows(String(answer.status), `answered ${answer.status}`);
  if (!isRow(answer.body)) return shows('other', 'the answer is no object');
  return isRow(answer.body['data'])
    ? shows('data', 'the row stands under `data`')
    : answer.body['id'] === undefined
      ? shows('other', 'the row stands elsewhere')
      : shows('bare', 'the row is the answer');
}

/** How PracticeHub's lists are found, paged and filtered. */
export const PRACTICEHUB_LIST_FACTS: readonly ProviderFact[] = [
  {
    id: 'updatedFilter',
    words: 'Changed since: by the guide’s own grammar `updated=gte:YYYY-MM-DD HH:MM:SS`; invalid filters are ignored.',
    certainty: 'inferred',
    expected: 'honoured',
    adapter:
      'Asks after each full scan for changes that are known, and uses the filter only where they all come and nothing older does; otherwise reads the whole list.',
    ifWrong: SCANS_COST_TIME,
    probe: (seen) => since(seen, 'updated'),
  },
  {
    id: 'bareUpdated',
    words:
      'The guide on polling shows once `updated=<ISO time>` without an operator: invalid and ignored, or equality.',
    certainty: 'doc',
    expected: 'ignored',
    adapter: 'Never asks in this form.',
    ifWrong: 'Nothing: the form is not used. Where it works and `updatedFilter` does not, it is worth an issue.',
    probe: (seen) => {
      const shown = since(seen, 'bare updated');
      return shown.value === 'honoured' ? { ...shown, value: 'since' } : shown;
    },
  },
  {
    id: 'createdFilter',
    words: 'Any attribute is a filter; seen live: `created` and `start` with `gte` and `between`.',
    certainty: 'live',
    expected: 'honoured',
    adapter:
      'Asks for invoices and payments from the lookback on, and leaves older rows out itself; where the filter is refused, or returns nothing of a list that has rows, reads the list without it and notes that.',
    ifWrong: 'A full scan reads invoices and payments from the very first one: more calls, the same records.',
    probe: createdShown,
  },
  {
    id: 'filterZone',
    words: 'Times carry no zone; nobody says in which one a filter’s time is read.',
    certainty: 'inferred',
    expected: 'account',
    adapter:
      'Asks by the earlier of the account’s clock and UTC: for some hours too much, never for too little. Where even that leaves out a known change, the filter is not used.',
    ifWrong: SCANS_COST_TIME,
    probe: filterZoneShown,
  },
  {
    id: 'noteFilter',
    words: 'Any attribute of the entity is a filter; a payment of ours is searched for in `note`.',
    certainty: 'inferred',
    expected: 'honoured',
    adapter:
      'Searches for its own reference before it repeats a payment, and compares the notes that come back itself.',
    ifWrong: 'A search reads more pages; a payment whose outcome stays unknown is held for review and not sent again.',
    probe: noteShown,
  },
  {
    id: 'totals',
    words: 'Lists carry `total_entries`.',
    certainty: 'doc',
    expected: 'exact',
    adapter: 'Follows the links; compares the total with the rows of a whole scan before anything counts as deleted.',
    ifWrong: 'Absent or drifting: deletions are found later or by asking for each row. No row is lost.',
    probe: totalsShown,
  },
  {
    id: 'links',
    words: '`links` holds `self`, `next` and `previous`, each present only when it leads somewhere.',
    certainty: 'doc',
    expected: 'where-they-lead',
    adapter: 'Takes an absent `next` and a null one alike for the end, and asks the total too.',
    ifWrong:
      'Another form of link would cut a list short: the scan then fails where the total says that there is more.',
    probe: linksShown,
  },
  {
    id: 'rowOrder',
    words: 'Nobody says in which order rows come.',
    certainty: 'inferred',
    expected: 'oldest',
    adapter: 'Needs no order.',
    ifWrong: 'Where changed rows move while pages are read, a scan may miss one; it is seen by the next.',
    probe: (seen) => {
      const rows = seen.rows('patients');
      return orderOf(
        rows.map(idNumber),
        rows.map((row) => timeNumber(row['updated'])),
      );
    },
  },
  {
    id: 'packagesPath',
    words: '`/packages` has been seen nowhere; packages are read from `/patient_packages`.',
    certainty: 'live',
    expected: '/patient_packages',
    adapter: 'Reads packages from its path (PROVIDER_PATHS can set another); a 404 is noted as “no list at this path”.',
    ifWrong: 'No packages are stored until the right path is set.',
    probe: pathShown('patient_packages'),
  },
  {
    id: 'servicesPath',
    words: PATHS_WORDS,
    certainty: 'inferred',
    expected: '/services',
    adapter: 'Reads services from `/services` (PROVIDER_PATHS: `practicehub.services`); a 404 is noted.',
    ifWrong: 'No services are stored, and nothing can be mapped to them, until the right path is set.',
    probe: pathShown('services'),
  },
  {
    id: 'productsPath',
    words: PATHS_WORDS,
    certainty: 'inferred',
    expected: '/products',
    adapter: 'Reads products from `/products` (PROVIDER_PATHS: `practicehub.products`); a 404 is noted.',
    ifWrong: 'No products are stored, and nothing can be mapped to them, until the right path is set.',
    probe: pathShown('products'),
  },
  {
    id: 'allocationsPath',
    words: 'Payment allocations are read from `/payment_allocations`.',
    certainty: 'live',
    expected: '/payment_allocations',
    adapter: 'Reads them to tell which invoice a payment belongs to, where the account has them.',
    ifWrong: 'Fewer invoices can be said to be paid: their status stays `unknown`.',
    probe: pathShown('payment_allocations'),
  },
  {
    id: 'single',
    words: 'Nobody shows the form of a single GET.',
    certainty: 'inferred',
    expected: 'data',
    adapter: 'Takes the row under `data` or bare.',
    ifWrong: 'In a third form a row that a scan missed cannot be settled: it stays stored.',
    probe: singleShown,
  },
  {
    id: 'retryAfter',
    words: '429 with `retry-after` seen live; numbers unpublished.',
    certainty: 'live',
    expected: 'seconds',
    adapter:
      'Keeps about 3 requests a second; reads seconds, fractions and dates, and waits by itself where there is none.',
    ifWrong: 'Longer waits than needed, or a few more 429.',
    probe: retryAfterShown,
  },
];
