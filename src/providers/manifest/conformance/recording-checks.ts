import { GuardedHttpClient } from '../../../platform/outbound';
import type { ProviderCall, ProviderSettings } from '../../provider';
import type { Manifest, ManifestFields, ManifestLines, StreamManifest } from '../manifest';
import { ManifestAdapter } from '../manifest.adapter';
import { RECORD_TARGETS, type Targets } from '../record-targets';
import { RecordedProvider } from '../simulator/recorded-provider';
import { bodyTextOf, type RecordedExchange, type Recording } from '../simulator/recording';
import { valueAt } from '../simulator/row-meaning';
import { withLoginHere } from '../simulator/simulated-caller';
import { pathsOfRule, ruleOf } from '../simulator/simulated-shape';
import { member, misread } from './blame';
import type { ConformanceResult } from './conformance';
import { failed, notApplicable, passed, type CheckOutcome } from './conformance-check';
import { failureIn, scanOf, type ConformanceScan } from './conformance-scan';

/** By their ids: what a recording can show of a manifest. */
export const RECORDING_CHECKS = {
  'recorded-test': 'the answer of the credentials’ test is understood',
  'recorded-calls': 'lists are asked for as they were',
  'recorded-rows': 'every recorded row is read once',
  'recorded-words': 'no recorded row is in quarantine',
  'recorded-fields': 'every place that a field names is in a recorded row',
  'recorded-end': 'the list ends where the recording shows its end, and not before',
} as const;
type CheckId = keyof typeof RECORDING_CHECKS;

/** Reads a recording by a manifest. */
export async function recordingConformanceOf(
  given: Manifest,
  { log }: Recording,
  settings: ProviderSettings,
): Promise<ConformanceResult[]> {
  const manifest = withLoginHere(given);
  const adapter = new ManifestAdapter(manifest, { liveHostSuffixes: null });
  const provider = new RecordedProvider(manifest, log.entries);
  const http = new GuardedHttpClient({ allowPrivate: true, sleep: () => Promise.resolve() });
  await provider.start();
  try {
    const { signal } = new AbortController();
    const bound = http.bind({ allowedHostSuffixes: null, exemptPrefix: null, signal, budget: null });
    const credentials = adapter.normaliseCredentials({ ...provider.fields, baseUrl: provider.url }, 'sandbox');
    const call: ProviderCall = { credentials, environment: 'sandbox', settings, http: bound, signal };
    const results = [result('recorded-test', null, await testOf(adapter, provider, manifest, call))];
    for (const [index, list] of manifest.streams.entries()) {
      provider.unrecorded.length = 0;
      const isRecorded = provider.holds(list.path);
      const scan = isRecorded ? await scanOf(adapter.streams[index]!, call) : null;
      const rows = log.entries.flatMap((exchange) => rowsIn(exchange, list));
      for (const id of Object.keys(RECORDING_CHECKS) as CheckId[]) {
        if (id === 'recorded-test') continue;
        const outcome = scan
          ? STREAM_OUTCOMES[id]({ index, list, scan, rows, provider })
          : notApplicable('not recorded');
        results.push(result(id, list.key, outcome));
      }
    }
    const isAnyRecorded = manifest.streams.some(({ path }) => provider.holds(path));
    const nothing = failed('No list of the manifest is in the recording.', 'streams');
    return isAnyRecorded ? results : [...results, result('recorded-calls', null, nothing)];
  } finally {
    await http.close();
    await provider.close();
  }
}

function result(check: CheckId, stream: string | null, outcome: CheckOutcome): ConformanceResult {
  return { check, words: RECORDING_CHECKS[check], stream, outcome };
}

async function testOf(
  adapter: ManifestAdapter,
  provider: RecordedProvider,
  { test }: Manifest,
  call: ProviderCall,
): Promise<CheckOutcome> {
  if (!provider.holds(test.path)) return notApplicable('not recorded');
  try {
    await adapter.testCredentials(call);
    return passed();
  } catch (error) {
    return failed(failureIn(error).message, 'test');
  }
}

interface RecordedList {
  readonly index: number;
  readonly list: StreamManifest;
  readonly scan: ConformanceScan;
  /** As they were recorded. */
  readonly rows: readonly unknown[];
  readonly provider: RecordedProvider;
}

const STREAM_OUTCOMES: Readonly<Record<Exclude<CheckId, 'recorded-test'>, (of: RecordedList) => CheckOutcome>> = {
  'recorded-calls': ({ index, list, provider: { unrecorded } }) => {
    const strange = unrecorded.find(({ parameter }) => parameter !== null);
    if (!strange) return passed();
    const place = member(list, [strange.parameter!]);
    return failed(`No recorded call of ${strange.path} has ${strange.parameter} so.`, 'streams', index, ...place);
  },
  'recorded-rows': ({ index, list, scan, rows, provider: { unrecorded } }) => {
    const read = scan.rows.length + scan.bad.length;
    const ids = new Set(scan.rows.map(({ externalId }) => externalId));
    if (read === 0 && scan.failure) return failed(scan.failure.message, 'streams', index, 'rows');
    if (ids.size < scan.rows.length) return failed('Rows come twice.', 'streams', index, 'paging');
    if (rows.length === 0) return failed('No recorded answer has rows there.', 'streams', index, 'rows');
    // what `where` leaves out is read, too
    if (list.where !== undefined || read >= rows.length) return passed(`${read} of ${rows.length} rows`);
    if (unrecorded.length > 0) return notApplicable('the recording was left where it has no further answer');
    return failed(`${read} of ${rows.length} recorded rows are read.`, 'streams', index, 'paging');
  },
  'recorded-words': ({ index, list, scan }) => {
    if (scan.bad.length > 0) return misread({ index, list }, scan.bad);
    return scan.rows.length === 0 ? notApplicable('no row was read') : passed(`${scan.rows.length} rows`);
  },
  'recorded-fields': ({ index, list, rows }) => {
    if (rows.length === 0) return notApplicable('no row was recorded');
    const unseen = placesOf(list.fields, RECORD_TARGETS[list.resource]).find(({ paths, each }) => {
      const entries = rows.flatMap((row) => entriesIn(row, each));
      return entries.length > 0 && !entries.some((entry) => paths.some((path) => hasPlace(entry, path)));
    });
    if (!unseen) return passed();
    const note = `No recorded row has ${unseen.paths.join(' or ')}: a mistyped name, or rows that lack it. Record one that has it.`;
    return failed(note, 'streams', index, 'fields', ...unseen.field);
  },
  'recorded-end': ({ index, scan, provider: { unrecorded } }) => {
    if (scan.failure === null) return passed(`after ${scan.pages} pages`);
    const isCut = unrecorded.some(({ parameter }) => parameter === null);
    if (isCut && scan.pages > 0) return notApplicable('the recording ends before the list does');
    return scan.pages === 0
      ? notApplicable('no page was read')
      : failed(scan.failure.message, 'streams', index, 'paging');
  },
};

function rowsIn(exchange: RecordedExchange, { path, rows }: StreamManifest): unknown[] {
  if (!exchange.request.url.split('?')[0]!.endsWith(path)) return [];
  try {
    const body: unknown = JSON.parse(bodyTextOf(exchange));
    const list = rows === '$' ? body : valueAt(body, rows);
    return Array.isArray(list) ? list : [];
  } catch {
    return [];
  }
}

interface FieldPlaces {
  readonly field: readonly string[];
  /** One of them is enough. */
  readonly paths: readonly string[];
  /** The list of the row in whose entries they are. */
  readonly each?: string;
}

function placesOf(fields: ManifestFields, targets: Targets, each?: string): FieldPlaces[] {
  return Object.entries(fields).flatMap(([name, source]): FieldPlaces[] => {
    const target = targets[name]!;
    if (target.kind === 'part') return below(placesOf(source as ManifestFields, target.fields, each), name);
    if (target.kind === 'list') {
      const { each: list, fields: inner } = source as ManifestLines;
      return [{ field: [name], paths: [list] }, ...below(placesOf(inner, target.fields, list), name, 'fields')];
    }
    const rule = ruleOf(source as string);
    if (rule.cel !== undefined || rule.value !== undefined) return [];
    return [{ field: [name], paths: pathsOfRule(rule, name), ...(each === undefined ? {} : { each }) }];
  });
}

function below(places: readonly FieldPlaces[], ...names: readonly string[]): FieldPlaces[] {
  return places.map((place) => ({ ...place, field: [...names, ...place.field] }));
}

function entriesIn(row: unknown, each: string | undefined): readonly unknown[] {
  const entries = each === undefined ? [row] : valueAt(row, each);
  return Array.isArray(entries) ? entries : [];
}

/** Whether the path is there, as far as can be told: nothing can be, below null and in an empty list. */
function hasPlace(row: unknown, path: string): boolean {
  let part = row;
  for (const name of path.split('.')) {
    if (part === null || (Array.isArray(part) && part.length === 0)) return true;
    part = valueAt(part, name);
    if (part === undefined) return false;
  }
  return true;
}
