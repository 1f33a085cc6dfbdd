import type { JsonElement } from '../../platform/outbound';
import { noSuchList, notUnderstood, rowOf } from '../list-rows';
import {
  isBadRow,
  type FetchedRow,
  type GoodRow,
  type ListedRow,
  type Page,
  type PageRequest,
  type ProviderCall,
  type RowAmount,
  type Stream,
} from '../provider';
import { digestSeed, isRow, listedDigest, mapRows, receivedRows, requiredId, type Row } from '../row';
import { parseTime, wallClock, zonelessFilterTime } from '../zoned-time';
import { PracticeHubClient } from './practicehub-client';
import { withCover } from './practicehub-cover';
import { listCreatedFrom, type CreatedPage } from './practicehub-created-list';
import { PRACTICEHUB_MAPPING_VERSION, type MappingContext } from './practicehub-mapping';

export interface PracticeHubList {
  readonly key: string;
  readonly resource: Stream['resource'];
  readonly enabledBy: Stream['enabledBy'];
  readonly path: string;
  /** Services, products and packages each count from 1: their ids are told apart by a prefix. */
  readonly idPrefix: string;
  /** 404 on the list means that this account has none, not that something is wrong. */
  readonly mayBeMissing: boolean;
  /** Rows before the floor are not imported: invoices and payments. */
  readonly hasFloor: boolean;
  readonly map: (row: Row, context: MappingContext) => Omit<GoodRow, 'externalId'>;
  /** Of rows of money. */
  readonly amountOf?: (row: Row, context: MappingContext) => RowAmount;
}

const HOUR_MS = 3_600_000;
/** No two clocks on Earth are further apart: what a zone-less time can be off by. */
const ZONE_SLACK_MS = 26 * HOUR_MS;

/** One PracticeHub list as a stream. All lists page, filter and identify their rows in the same way. */
export class PracticeHubStream implements Stream {
  readonly key: string;
  readonly resource: Stream['resource'];
  readonly enabledBy: Stream['enabledBy'];
  readonly incremental = 'changed_since';
  readonly detectsDeletions = true;
  readonly zonelessTimes = true;
  readonly mappingVersion = PRACTICEHUB_MAPPING_VERSION;
  /** Payments are cut by when they were entered, and carry when they were paid. */
  readonly cutByAnotherTime: boolean;
  /** Invoices that say that they are owed: a full scan reads back to the floor only. */
  readonly followUp?: Stream['followUp'];

  constructor(private readonly list: PracticeHubList) {
    this.key = list.key;
    this.resource = list.resource;
    this.enabledBy = list.enabledBy;
    this.cutByAnotherTime = list.resource === 'payments';
    if (list.resource === 'invoices') {
      this.followUp = async (call, externalId) => {
        const row = await this.fetchOne(call, externalId);
        return row === 'gone' ? [] : [{ stream: this.key, row }];
      };
    }
  }

  async fetchPage(call: ProviderCall, request: PageRequest): Promise<Page> {
    const { list } = this;
    const zone = call.settings.timezone;
    const since = request.scan === 'incremental' ? request.since : null;
    const floor = list.hasFloor ? request.floor : null;
    const client = new PracticeHubClient(call);
    const answer: CreatedPage | null =
      since === null && floor !== null
        ? await listCreatedFrom(client, list.path, request.position, createdFrom(floor, zone))
        : await client.list(list.path, request.position, since === null ? {} : { updated: changedSince(since, zone) });
    if (answer === null) {
      if (!list.mayBeMissing) throw noSuchList(404);
      return { rows: [], next: null, providerTime: null, total: 0, received: receivedRows([]), absent: true };
    }
    const page = {
      next: answer.next,
      // a page of invoices asks for payments too
      afterNext: this.followUp ? null : answer.afterNext,
      providerTime: answer.providerTime,
      total: answer.total,
      received: receivedRows(answer.rows),
      ...(since === null && floor === null ? {} : { totalMayBeOfAll: true }),
      ...(answer.rangeIgnored ? { rangeIgnored: true } : {}),
    };
    const seed = digestSeed(PRACTICEHUB_MAPPING_VERSION, call.settings);
    // what decides about rows by their times has to read them: only a scan that takes every row as it is can leave them
    // for later
    if (since === null && !list.hasFloor) {
      return { ...page, rows: answer.rows.map((row) => this.listedRow(row, listedDigest(row.bytes, seed), call)) };
    }
    const rows = answer.rows.map(rowOf);
    const fetched = this.mapAll(rows, call).map((row, index) =>
      list.hasFloor || isBadRow(row) ? row : { ...row, digest: listedDigest(answer.rows[index]!.bytes, seed) },
    );
    const kept = aboveFloor(fetched, floor, since !== null, rows, zone);
    return {
      ...page,
      rows: this.followUp ? await withCover(call, kept) : kept,
      ...(since !== null && rows.some((row) => isOlder(row, since, zone)) ? { filterIgnored: true } : {}),
    };
  }

  private listedRow(row: JsonElement, digest: string, call: ProviderCall): FetchedRow | ListedRow {
    const { bytes } = row;
    const id = idBefore(bytes);
    const understand = (): FetchedRow => {
      const [fetched] = this.mapAll([rowOf(row)], call);
      return isBadRow(fetched!) ? fetched : { ...fetched!, digest };
    };
    return id === null
      ? understand()
      : { externalId: this.list.idPrefix + id, digest, bytes: bytes.length, understand };
  }

  async fetchOne(call: ProviderCall, externalId: string): Promise<FetchedRow | 'gone'> {
    const id = externalId.slice(this.list.idPrefix.length);
    const row = await new PracticeHubClient(call).one(`${this.list.path}/${encodeURIComponent(id)}`);
    if (row === null) return 'gone';
    const [fetched] = this.mapAll([row], call);
    if (fetched === undefined || (fetched.externalId !== null && fetched.externalId !== externalId)) {
      throw notUnderstood('shows another row than the one asked for');
    }
    if (!this.followUp) return fetched;
    const [covered] = await withCover(call, [fetched]);
    return covered!;
  }

  private mapAll(rows: readonly unknown[], call: ProviderCall): FetchedRow[] {
    const { idPrefix, map, amountOf } = this.list;
    return mapRows(
      rows,
      (row) => idPrefix + requiredId(row, 'id'),
      (row) => map(row, call.settings),
      amountOf && ((row) => amountOf(row, call.settings)),
    );
  }
}

/**
 * The id of a row that begins with it, as PracticeHub's do; null: it must be parsed to be known. It is only what the
 * stored digest is looked up by: the digest, of the whole row, was stored under the id that the parsed row had.
 */
function idBefore(row: Buffer): string | null {
  return (
    /^\{"id":(?:(\d{1,16})|"([\w.:~-]{1,128})")[,}]/
      .exec(row.toString('latin1', 0, 150))
      ?.slice(1)
      .find(Boolean) ?? null
  );
}

/**
 * By the guide's own grammar, `attribute=op:value`. Whether `updated` is an attribute that can be filtered by is not
 * documented.
 */
function changedSince(since: Date, zone: string | null): string {
  return `gte:${zonelessFilterTime(since, zone)}`;
}

/** Asks for less than everything where the provider knows the filter; where it does not, `aboveFloor` does the same. */
function createdFrom(floor: Date, zone: string | null): string {
  const from = new Date(floor.getTime() - ZONE_SLACK_MS);
  return `between:${wallClock(from, zone)},2999-12-31 23:59:59`;
}

/** Unknown filters are ignored silently: a row that is clearly older than asked for shows it. */
function isOlder(row: unknown, since: Date, zone: string | null): boolean {
  const updated = timeOf(row, 'updated', zone);
  return updated !== null && updated.getTime() < since.getTime() - ZONE_SLACK_MS;
}

/**
 * A full scan leaves out what was made before the floor; in an incremental scan such a row may be one that is known
 * already and has been paid, so it is handed on as an update only.
 */
function aboveFloor(
  fetched: FetchedRow[],
  floor: Date | null,
  incremental: boolean,
  rows: readonly unknown[],
  zone: string | null,
): FetchedRow[] {
  if (floor === null) return fetched;
  return fetched.flatMap((row, index) => {
    const created = timeOf(rows[index], 'created', zone);
    if (created === null || created >= floor || isBadRow(row)) return [row];
    return incremental ? [{ ...row, store: 'if_known' as const }] : [];
  });
}

/** A time that only helps to decide; one that cannot be read decides nothing. */
function timeOf(row: unknown, field: string, zone: string | null): Date | null {
  if (!isRow(row)) return null;
  try {
    return parseTime(row[field], zone, field);
  } catch {
    return null;
  }
}
