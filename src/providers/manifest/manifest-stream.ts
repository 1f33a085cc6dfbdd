import { hash } from 'node:crypto';
import { setImmediate as othersTurn } from 'node:timers/promises';
import { notUnderstood } from '../list-rows';
import { NewestFirst } from '../newest-first';
import {
  isBadRow,
  type FetchedRow,
  type Page,
  type PageRequest,
  type ProviderCall,
  type ProviderSettings,
  type Stream,
} from '../provider';
import { isRow, mapRows, receivedRows, requiredId, RowProblem, type Row } from '../row';
import { wallClock, zonelessFilterTime } from '../zoned-time';
import { Expression } from './expression';
import { StepsOfPage } from './expression-cost';
import type { Manifest, ManifestFilter, StreamManifest } from './manifest';
import { ManifestClient, type ListAnswer } from './manifest-client';
import {
  parsePlace,
  placeAfter,
  queryOf,
  START,
  textOfPlace,
  totalIn,
  type ListAddress,
  type PlaceInList,
} from './paging';
import { RecordMapping } from './record-mapping';
import { pathIn } from './row-path';
import { filled } from './template';
import type { TokenSource } from './token-store';

/** To be raised with every change of this folder that gives a row another record: what is stored is then made anew. */
export const MANIFEST_MAPPING_VERSION = 2;

/** No two clocks on Earth are further apart. */
const SLACK_MS = 26 * 3_600_000;
/** A filter by date begins with the day's first hour, wherever that is. */
const SLACK_OF_DATE_MS = SLACK_MS + (24 + 14) * 3_600_000;

/** A list that a manifest describes, as a stream of the engine. */
export class ManifestStream implements Stream {
  readonly key: string;
  readonly resource: Stream['resource'];
  readonly enabledBy: Stream['enabledBy'];
  readonly incremental: Stream['incremental'];
  readonly detectsDeletions: boolean;
  readonly mappingVersion: string;
  readonly mutableWindowDays?: number;
  readonly zonelessTimes: boolean;
  readonly fetchOne?: Stream['fetchOne'];
  readonly followUp?: Stream['followUp'];
  private readonly mapping: RecordMapping;
  private readonly where: Expression | null;

  constructor(
    private readonly manifest: Manifest,
    private readonly list: StreamManifest,
    private readonly tokens: TokenSource,
  ) {
    this.mapping = new RecordMapping(list, manifest.times);
    this.where = list.where === undefined ? null : new Expression(list.where);
    this.key = list.key;
    this.resource = list.resource;
    this.enabledBy = list.enabledBy ?? null;
    this.incremental = list.changedSince ? 'changed_since' : list.newestFirst ? 'newest_first' : 'full';
    this.detectsDeletions = list.complete;
    this.mappingVersion = readingOf(list, manifest);
    this.zonelessTimes = this.mapping.zoneless;
    if (list.newestFirst) this.mutableWindowDays = list.newestFirst.mutableDays;
    if (list.one) {
      this.fetchOne = (call, externalId) => this.one(call, externalId);
      if (list.resource === 'invoices') {
        this.followUp = async (call, externalId) => {
          const row = await this.one(call, externalId);
          return row === 'gone' ? [] : [{ stream: this.key, row }];
        };
      }
    }
  }

  async fetchPage(call: ProviderCall, request: PageRequest): Promise<Page> {
    const { list } = this;
    const { settings } = call;
    const [orderText = '', placeText] = request.position === null ? [] : splitOnce(request.position);
    const place = placeText === undefined ? START : parsePlace(placeText);
    const since = request.scan === 'incremental' ? request.since : null;
    const answer = await this.read(call, place, list.changedSince ? since : null);
    const createdAt = (row: unknown): Date | null => this.timeOf(row, list.createdAt, settings);
    const times = answer.rows.map(createdAt);
    const order = NewestFirst.parse(orderText).after(times);
    const cutoff = list.newestFirst ? (since ?? request.floor) : null;
    const hasPassed = order.hasPassed(cutoff);
    const next = hasPassed ? null : placeAfter(list, place, answer, this.addressOf(call));
    const total = list.paging.by === 'none' ? null : totalIn(list.paging, answer.body);
    const slackMs = list.changedSince?.form === 'date' ? SLACK_OF_DATE_MS : SLACK_MS;
    const older = (row: unknown): boolean => isBefore(this.timeOf(row, list.updatedAt, settings), since, slackMs);
    return {
      rows: await this.kept(answer.rows, times, request, settings),
      next: next === null ? null : `${order}|${textOfPlace(next)}`,
      providerTime: answer.providerTime,
      total,
      received: receivedRows(answer.rows),
      ...(hasPassed || (list.changedSince && since !== null) ? { totalMayBeOfAll: true } : {}),
      ...(list.changedSince && since !== null && answer.rows.some(older) ? { filterIgnored: true } : {}),
      ...(list.newestFirst && order.isBroken ? { orderIgnored: true } : {}),
    };
  }

  private addressOf({ credentials: { baseUrl } }: ProviderCall): ListAddress {
    const { auth } = this.manifest;
    return { baseUrl, keyParameter: auth.kind === 'api_key' && auth.in === 'query' ? auth.name : null };
  }

  private read(call: ProviderCall, place: PlaceInList, since: Date | null): Promise<ListAnswer> {
    const { paging, path, query, changedSince } = this.list;
    const client = new ManifestClient(this.manifest, call, this.tokens);
    if (paging.by === 'link' && place.at !== null) return client.list(place.at, this.list);
    const fields = call.credentials as unknown as Readonly<Record<string, string>>;
    const own = Object.entries(query ?? {}).map(([name, value]) => [name, filled(value, fields)]);
    const search = new URLSearchParams({ ...Object.fromEntries(own), ...queryOf(paging, place) });
    if (changedSince && since !== null) search.append(changedSince.parameter, filterTime(changedSince, since, call));
    const text = search.toString();
    return client.list(text === '' ? path : `${path}?${text}`, this.list);
  }

  /**
   * What is older than the floor is left out by a full scan. In another it may be known already and have been paid: it
   * is handed on as an update only.
   */
  private async kept(
    rows: readonly unknown[],
    times: readonly (Date | null)[],
    { floor, scan }: PageRequest,
    settings: ProviderSettings,
  ): Promise<FetchedRow[]> {
    const steps = new StepsOfPage();
    const kept: FetchedRow[] = [];
    for (const [index, row] of rows.entries()) {
      for (const fetched of this.mapOne(row, settings, steps)) {
        if (!isBefore(times[index] ?? null, floor, 0) || isBadRow(fetched)) kept.push(fetched);
        else if (scan === 'incremental') kept.push({ ...fetched, store: 'if_known' });
      }
      if (steps.isTurnOver()) await othersTurn();
    }
    return kept;
  }

  /** Nothing where the row is not of this stream. */
  private mapOne(value: unknown, settings: ProviderSettings, steps: StepsOfPage): FetchedRow[] {
    const { id, idPrefix = '' } = this.list;
    return mapRows(
      [value],
      (row) => idPrefix + requiredId({ [id]: pathIn(row, id) }, id),
      (row) => (this.belongs(row, steps) ? this.mapping.map(row, settings, steps) : null),
    );
  }

  private belongs(row: Row, steps: StepsOfPage): boolean {
    if (this.where === null) return true;
    const said = this.where.of(row, 'where', steps);
    if (typeof said !== 'boolean') throw new RowProblem('where', 'is neither true nor false');
    return said;
  }

  private async one(call: ProviderCall, externalId: string): Promise<FetchedRow | 'gone'> {
    const { one, idPrefix = '' } = this.list;
    const place = filled(one!.path, { id: encodeURIComponent(externalId.slice(idPrefix.length)) });
    const row = await new ManifestClient(this.manifest, call, this.tokens).one(place, one!.row);
    if (row === null) return 'gone';
    const [fetched] = this.mapOne(row, call.settings, new StepsOfPage());
    // it exists and is not of this stream
    if (fetched === undefined) return 'gone';
    if (fetched.externalId !== null && fetched.externalId !== externalId) {
      throw notUnderstood('shows another row than the one asked for');
    }
    return fetched;
  }

  /** A time that only helps to decide; one that cannot be read decides nothing. */
  private timeOf(row: unknown, path: string | undefined, settings: ProviderSettings): Date | null {
    if (path === undefined || !isRow(row)) return null;
    try {
      return this.mapping.timeAt(row, path, settings);
    } catch {
      return null;
    }
  }
}

/**
 * Whatever a stream says decides which rows there are and what becomes of them: an author who forgets to raise
 * `version` loses nothing. The members' order says nothing.
 */
function readingOf(list: StreamManifest, { times }: Manifest): string {
  return hash('sha256', canonical([MANIFEST_MAPPING_VERSION, list, times ?? null]), 'base64url');
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    isRow(member) ? Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1))) : member,
  );
}

function isBefore(time: Date | null, limit: Date | null, slackMs: number): boolean {
  return time !== null && limit !== null && time.getTime() < limit.getTime() - slackMs;
}

/** Never later than `since`: what is asked for too much is compared, what is asked for too little is lost. */
function filterTime({ value = '{since}', form = 'iso' }: ManifestFilter, since: Date, call: ProviderCall): string {
  const { timezone } = call.settings;
  const text = {
    iso: () => `${since.toISOString().slice(0, 19)}Z`,
    unix: () => String(Math.floor(since.getTime() / 1_000)),
    wall: () => zonelessFilterTime(since, timezone),
    date: () => wallClock(new Date(since.getTime() - SLACK_MS), null).slice(0, 10),
  }[form]();
  return filled(value, { since: text });
}

function splitOnce(position: string): [string, string] {
  const at = position.indexOf('|');
  return [position.slice(0, at), position.slice(at + 1)];
}
