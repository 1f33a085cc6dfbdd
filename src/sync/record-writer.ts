import { pipelined, type Tx } from '../platform/database';
import { isListedRow, type ListedRow } from '../providers';
import { pageRows, type CommitRow, type PageRows, type RowReading } from './page-rows';
import { allNew, type RecordDiff, type StreamKey } from './record-changes';
import type { Held } from './run-fence';
import type { ScanState } from './scan-state';
import type { RecordRepository } from './store/record.repository';
import type { VersionOrder } from './version-order';

/** Where rows are taken in. */
export interface WriterPlace {
  readonly tx: Tx;
  /** The fence: what is read of the store is sent behind it. */
  readonly holding: Promise<Held>;
  readonly key: StreamKey;
}

/** Rows of one stream, and how they are understood and compared. */
export interface WriterRows {
  readonly rows: readonly (CommitRow | ListedRow)[];
  readonly scan: Pick<ScanState, 'commits'>;
  readonly reading: RowReading;
  readonly order: VersionOrder;
}

/** `written`: all were new, and are stored now; `isEmpty`: they are the first of their resource. */
export interface TakenPage {
  readonly isEmpty: boolean;
  readonly page: PageRows;
  readonly diff: RecordDiff;
  readonly written: boolean;
}

/** Tells new and changed records from those that are stored. */
export interface RecordWriter {
  take(place: WriterPlace, rows: WriterRows): Promise<TakenPage>;
}

/** Compares each row with what is stored: by the digest it is listed with, then by the hash of its record. */
export class DiffingWriter implements RecordWriter {
  constructor(private readonly records: RecordRepository) {}

  async take({ tx, holding, key }: WriterPlace, { rows, reading, order }: WriterRows): Promise<TakenPage> {
    const listed = rows.filter(isListedRow);
    let known: ReadonlySet<ListedRow> = new Set();
    if (listed.length > 0) {
      const [, stored] = await pipelined(holding, this.records.areStored(tx, key, listed));
      known = new Set(listed.filter((_, index) => stored[index]));
    }
    const page = pageRows(rows, reading, known);
    const diff = await this.records.diff(tx, key, page.incoming, order);
    return { isEmpty: false, page, diff, written: false };
  }
}

/**
 * Takes rows of a list that was never read to its end for new: they are written within a savepoint, without being
 * looked up. Where one of them proves to be stored, all are compared.
 */
export class FirstImportWriter implements RecordWriter {
  constructor(
    private readonly records: RecordRepository,
    private readonly otherwise: RecordWriter,
  ) {}

  async take(place: WriterPlace, rows: WriterRows): Promise<TakenPage> {
    const { tx, key } = place;
    const looking = rows.scan.commits === 0 ? this.records.isEmpty(tx, key) : Promise.resolve(false);
    const [isEmpty, taken] = await pipelined(looking, this.writeNew(place, rows));
    return { ...taken, isEmpty };
  }

  private async writeNew(place: WriterPlace, rows: WriterRows): Promise<TakenPage> {
    const { tx, key } = place;
    // an invoice's status hangs on the merchant's settings, and a row that was kept as it came is looked up
    if (key.resourceType === 'invoices' || rows.rows.some(isListedRow)) return this.otherwise.take(place, rows);
    const page = pageRows(rows.rows, rows.reading);
    // what is stored `if_known` must be looked up
    const mayBeNew = page.incoming.length > 0 && page.incoming.every(({ ifKnown }) => !ifKnown);
    if (!mayBeNew || !(await this.records.writeNew(tx, key, page.incoming))) return this.otherwise.take(place, rows);
    return { isEmpty: false, page, diff: allNew(page.incoming), written: true };
  }
}
