import { notUnderstood, rowOf } from '../list-rows';
import type { FetchedRow, GoodRow, Page, PageRequest, ProviderCall, ProviderSettings, Stream } from '../provider';
import { mapRows, receivedRows, requiredId, type Row } from '../row';
import { WodifyClient } from './wodify-client';
import { WODIFY_MAPPING_VERSION } from './wodify-mapping';
import { timeOrNull, updatedAt } from './wodify-times';

export interface WodifyList {
  readonly key: string;
  readonly resource: Stream['resource'];
  readonly enabledBy: Stream['enabledBy'];
  readonly path: string;
  /** The array's name in the answer. */
  readonly name: string;
  readonly single: string;
  readonly idPrefix: string;
  /** There is a `/search` that takes `updated_on_datetime` (inferred). */
  readonly searchable: boolean;
  readonly map: (row: Row, settings: ProviderSettings) => Omit<GoodRow, 'externalId'>;
}

const SLACK_MS = 26 * 3_600_000;

/** Clients and memberships: plain lists, read to the end; clients can be asked for what changed since. */
export class WodifyListStream implements Stream {
  readonly key: string;
  readonly resource: Stream['resource'];
  readonly enabledBy: Stream['enabledBy'];
  readonly incremental: 'changed_since' | 'full';
  readonly detectsDeletions = true;
  readonly zonelessTimes = true;
  readonly mappingVersion = WODIFY_MAPPING_VERSION;

  constructor(private readonly list: WodifyList) {
    this.key = list.key;
    this.resource = list.resource;
    this.enabledBy = list.enabledBy;
    this.incremental = list.searchable ? 'changed_since' : 'full';
  }

  async fetchPage(call: ProviderCall, request: PageRequest): Promise<Page> {
    const { path, name, searchable } = this.list;
    const since = searchable && request.scan === 'incremental' ? request.since : null;
    const { position } = request;
    const client = new WodifyClient(call);
    const answer =
      since === null
        ? await client.list(path, name, position)
        : await client.list(`${path}/search`, name, position, { q: changedSince(since) });
    const rows = answer.rows.map(rowOf);
    const older = (row: unknown) => {
      const updated = timeOrNull(updatedAt, row);
      return since !== null && updated !== null && updated.getTime() < since.getTime() - SLACK_MS;
    };
    return {
      rows: this.mapAll(rows, call),
      next: answer.next,
      providerTime: answer.providerTime,
      total: null,
      received: receivedRows(answer.rows),
      ...(rows.some(older) ? { filterIgnored: true } : {}),
    };
  }

  async fetchOne(call: ProviderCall, externalId: string): Promise<FetchedRow | 'gone'> {
    const { path, single, idPrefix } = this.list;
    const id = externalId.slice(idPrefix.length);
    const row = await new WodifyClient(call).one(`${path}/${encodeURIComponent(id)}`, single);
    if (row === null) return 'gone';
    const [fetched] = this.mapAll([row], call);
    if (fetched === undefined || (fetched.externalId !== null && fetched.externalId !== externalId)) {
      throw notUnderstood('shows another row than the one asked for');
    }
    return fetched;
  }

  private mapAll(rows: readonly unknown[], call: ProviderCall): FetchedRow[] {
    const { idPrefix, map } = this.list;
    return mapRows(
      rows,
      (row) => idPrefix + requiredId(row, 'id'),
      (row) => map(row, call.settings),
    );
  }
}

/** `field|op|value`: texts go in quotes, dates do not. */
function changedSince(since: Date): string {
  return `updated_on_datetime|gte|${since.toISOString().slice(0, 19)}Z`;
}
