import { Injectable } from '@nestjs/common';
import type { OpenedSession } from '../integrations';
import { ProviderFailure } from '../platform/outbound';
import { isListedRow, type Page, type Stream } from '../providers';
import type { FilterState } from './cursor';
import type { StreamKey } from './record-changes';
import { RecordRepository } from './store/record.repository';

const KNOWN_ROWS = 20;
const MAX_PAGES = 3;

/**
 * Proves a changed-since filter before it is trusted. It asks for changes since the time of one that is known, and
 * compares. A filter that the provider reads as an equality returns none of the later ones; one that it reads in
 * another zone, or by the day, leaves out the first. No scan that used either would ever miss them.
 */
@Injectable()
export class FilterProof {
  constructor(private readonly records: RecordRepository) {}

  /**
   * null: nothing could be found out, because the account has no two changes to tell apart, or the provider could not
   * be asked.
   */
  async find(stream: Stream, key: StreamKey, session: OpenedSession): Promise<FilterState | null> {
    const known = await this.records.lastChanged(key, KNOWN_ROWS);
    const since = known.at(-1)?.sourceUpdatedAt;
    // whole seconds: filters are sent without fractions
    const later = known.filter(({ sourceUpdatedAt }) => since && secondOf(sourceUpdatedAt) > secondOf(since));
    if (since === undefined || later.length === 0) return null;
    try {
      const answer = await this.ask(stream, session, since);
      if (answer.ignored) return 'ignored';
      // rows that change and carry no time of it must come too, whatever was asked for
      const undated = await this.records.undated(key, KNOWN_ROWS);
      const wanted = [...known.map(({ externalId }) => externalId), ...undated];
      return wanted.every((externalId) => answer.ids.has(externalId)) ? 'honoured' : 'unproven';
    } catch (error) {
      if (isRefusal(error)) return 'refused';
      if (error instanceof ProviderFailure) return null;
      throw error;
    }
  }

  private async ask(
    stream: Stream,
    session: OpenedSession,
    since: Date,
  ): Promise<{ ids: ReadonlySet<string>; ignored: boolean }> {
    const ids = new Set<string>();
    let position: string | null = null;
    let ignored = false;
    for (let page = 0; page < MAX_PAGES; page++) {
      const answer: Page = await stream.fetchPage(session.call, {
        scan: 'incremental',
        since,
        floor: null,
        position,
        asStored: async (rows) => rows.map(() => false),
      });
      for (const row of answer.rows) if (isListedRow(row) || row.externalId !== null) ids.add(row.externalId!);
      ignored ||= answer.filterIgnored === true;
      position = answer.next;
      if (position === null) break;
    }
    return { ids, ignored };
  }
}

/** The provider does not take the filter: what it says of the plain list is another matter. */
export function isRefusal(error: unknown): boolean {
  return error instanceof ProviderFailure && (error.verdict === 'contract' || error.verdict === 'permission');
}

function secondOf(date: Date): number {
  return Math.floor(date.getTime() / 1_000);
}
