import type { Environment, ListPart, ListRequest } from '../platform/http';
import type { OutboundHttp, ProviderFailure } from '../platform/outbound';
import type { ProviderId } from './catalogue';
import type { NormalisedRecord, ResourceType } from './records';

/**
 * The port that every provider adapter implements. An adapter knows the provider's HTTP API and nothing else: no
 * database, no queue, no framework. It gets credentials and an HTTP client that already guards, budgets, retries and
 * aborts, and returns normalised rows. The engine owns cursors, commits and deletions; `test/contract/` proves each
 * adapter against its simulator.
 */
export abstract class ProviderAdapter {
  abstract readonly id: ProviderId;

  /**
   * Host suffixes that a live credential may lead to; null: any public host. The guarded client enforces it on every
   * hop.
   */
  readonly liveHostSuffixes: readonly string[] | null;

  /** Keys of the streams whose path an operator may set, because the provider does not publish it. */
  readonly settablePaths: readonly string[] = [];

  constructor({ liveHostSuffixes }: AdapterOptions) {
    this.liveHostSuffixes = liveHostSuffixes;
  }

  /** In dependency order: customers before invoices before payments. */
  abstract readonly streams: readonly Stream[];

  /**
   * Normalises what a merchant pasted, which `checkedCredentials` has passed: the forms of a base URL. Throws a
   * ProviderFailure `configuration` that names the field when the host is not one of the provider's in live mode. No
   * network.
   */
  abstract normaliseCredentials(input: ProviderCredentials, environment: Environment): ProviderCredentials;

  /**
   * One cheap call that is not personal. Throws a ProviderFailure (`auth`, `permission`, …) or says whose account it
   * is.
   */
  abstract testCredentials(call: ProviderCall): Promise<TestedAccount>;

  /**
   * Whether two answers of `testCredentials` name one account. Another account means that everything stored is
   * another's: what was there is deleted and read anew.
   */
  isSameAccount(before: string, now: string): boolean {
    return before === now;
  }

  /** Only where the catalogue's capabilities say `paymentMethods`. */
  listPaymentMethods?(call: ProviderCall, from: ListRequest): Promise<ListPart<PaymentMethod>>;

  /** Only where the catalogue's capabilities say `pushPayments`. */
  readonly payments?: PaymentPusher;

  /** Only where a consent was given whose refresh token is a part of the credentials. */
  readonly grants?: GrantRefresher;
}

/** Renews the tokens of a grant (RFC 6749, section 6). */
export interface GrantRefresher {
  /**
   * One call, which is not repeated once the provider may have carried it out: one that rotates its refresh tokens
   * takes each of them once. Throws a ProviderFailure; `auth`: the grant is over.
   */
  refresh(call: ProviderCall, refreshToken: string): Promise<RefreshedGrant>;
}

export interface RefreshedGrant {
  /** What cannot be used as one: the new refresh token counts all the same. */
  readonly accessToken: string | ProviderFailure;
  /** From the moment in which it was asked for. */
  readonly lifeMs: number;
  /** null: the one that was sent stays. */
  readonly refreshToken: string | null;
}

export interface TestedAccount {
  readonly accountId: string;
  /** When the credentials end; left out: the provider does not say it. */
  readonly expiresAt?: Date;
}

/** What the catalogue and the operator say of an adapter. */
export interface AdapterOptions {
  readonly liveHostSuffixes: readonly string[] | null;
  /** Paths of lists by the key of their stream, instead of the adapter's own. */
  readonly paths?: Readonly<Record<string, string>>;
}

export interface ProviderCredentials {
  /** Of every built-in provider, and of each whose manifest sends one. */
  readonly apiKey?: string;
  readonly baseUrl: string;
  readonly appName?: string;
  readonly appEmail?: string;
  /** Of a grant; it changes with each refresh. */
  readonly refreshToken?: string;
  /** What the last refresh brought, and until when it serves, in epoch milliseconds. No merchant sends it. */
  readonly accessToken?: string;
  readonly renewAccessTokenAt?: number;
}

/** What an adapter gets for one piece of work; made by ProviderSession only. */
export interface ProviderCall {
  readonly credentials: ProviderCredentials;
  readonly environment: Environment;
  readonly settings: ProviderSettings;
  readonly http: OutboundHttp;
  readonly signal: AbortSignal;
  /** Where the adapter has `grants`: a token that serves. `refused`: one that the provider does not take any more. */
  readonly accessToken?: (refused: string | null) => Promise<string>;
}

/** The merchant's settings that change how rows are read. */
export interface ProviderSettings {
  /** ISO 4217; for providers whose money carries no currency. */
  readonly currency: string;
  /**
   * IANA zone of the provider's zone-less times; null: unknown, UTC is assumed and the engine widens its overlap to 26
   * h.
   */
  readonly timezone: string | null;
}

/** One list of the provider that feeds one resource type. `key` is stable for ever: cursors are stored under it. */
export interface Stream {
  readonly key: string;
  readonly resource: ResourceType;
  /** The merchant's setting that switches this stream on and off; null: always on. */
  readonly enabledBy: 'syncPatients' | 'syncProducts' | 'syncPackages' | 'syncInvoices' | null;
  /**
   * What an incremental scan can ask the provider for.
   * `changed_since`: rows changed at or after a time. `newest_first`: rows in descending order of creation, down to a
   * cutoff. `full`: nothing; every scan reads the whole list and finds changes by hash.
   */
  readonly incremental: 'changed_since' | 'newest_first' | 'full';
  /**
   * Whether a complete full scan returns every live row of the stream back to the floor, so that a row missing from it
   * is a candidate for deletion.
   */
  readonly detectsDeletions: boolean;
  /**
   * The floor cuts the list by a time that its records do not carry: scans may leave out a record because they do not
   * reach back to it, so that only the provider's own word by its id says that it is gone.
   */
  readonly cutByAnotherTime?: boolean;
  /** To be raised with every change that gives a row another record: what is stored is then read anew. */
  readonly mappingVersion: number | string;
  /** How far back `newest_first` rows can still change, unannounced, in days. */
  readonly mutableWindowDays?: number;
  /** Rows that carry no zone in their times: the engine overlaps by 26 h when the merchant's zone is unknown. */
  readonly zonelessTimes?: boolean;
  fetchPage(call: ProviderCall, request: PageRequest): Promise<Page>;
  /** One row by its external id; `gone` when the provider says that it does not exist. Settles deletion candidates. */
  fetchOne?(call: ProviderCall, externalId: string): Promise<FetchedRow | 'gone'>;
  /**
   * One row by its external id, with all that it stands for in this stream and in others; nothing where it does not
   * exist. The engine asks for invoices that may be owed although they are too old for any scan, and for rows in
   * quarantine that no scan reads any more: some in each run, the one first that has waited longest.
   */
  followUp?(call: ProviderCall, externalId: string): Promise<readonly FollowedRow[]>;
}

export interface FollowedRow {
  /** Key of the stream that the row belongs to. */
  readonly stream: string;
  readonly row: FetchedRow;
}

export interface PageRequest {
  readonly scan: 'full' | 'incremental';
  /**
   * Incremental scans: only rows changed (or created, `newest_first`) at or after this time matter. The overlap is
   * already subtracted.
   */
  readonly since: Date | null;
  /** Nothing older than this is asked for (invoices and payments: the lookback). */
  readonly floor: Date | null;
  /** `next` of the page before, of the same scan; null: the first page. */
  readonly position: string | null;
  /**
   * For lists whose rows need a further call each: which of them are stored with the digest they have now. An answer
   * for each, in order.
   */
  asStored(rows: readonly Listing[]): Promise<readonly boolean[]>;
}

/** A row as its list shows it. */
export interface Listing {
  readonly externalId: string;
  /**
   * Of the list's row, behind a seed of what it is understood by (`digestSeed`): a row with the same one would become
   * the same record.
   */
  readonly digest: string;
}

/** A row that is not understood yet, and need not be if it is stored with this digest. */
export interface ListedRow extends Listing {
  /** What it keeps in memory until it is understood. */
  readonly bytes: number;
  /** Throws a ProviderFailure `contract` if the row is not JSON. */
  understand(): FetchedRow;
}

export interface Page {
  readonly rows: readonly (FetchedRow | ListedRow)[];
  /**
   * External ids of rows that `asStored` showed to be as stored: they were seen, they are live, and there is nothing to
   * write. Only streams with a digest use it.
   */
  readonly unchanged?: readonly string[];
  /** Opaque position of the next page of this scan, at most 500 characters; null: this was the last one. */
  readonly next: string | null;
  /**
   * Where the page after `next` begins if that one is as long as this one, and the provider's count says that there is
   * more: it can be asked for as soon as `next` has been answered, before it is understood. Absent or null: not known.
   * Only for streams that make one call a page.
   */
  readonly afterNext?: string | null;
  readonly providerTime: Date | null;
  /**
   * How many rows the provider says the list has (with the filter that was asked for); null when it does not say. Fewer
   * rows in a whole scan mean page drift or a chain of pages that was cut: nothing may be concluded deleted.
   */
  readonly total: number | null;
  /**
   * `total` came with a filter, and the provider does not say whether it counts the filtered list or the whole one:
   * fewer rows than that are no breach then, and no proof that the scan saw every row either.
   */
  readonly totalMayBeOfAll?: boolean;
  /** The rows of the list's page as they came, before any was left out: what the chain of pages is checked by. */
  readonly received: ReceivedRows;
  /**
   * Rows came back that the changed-since filter should have kept out: the provider ignores it. The scan goes on to the
   * end and change detection finds what moved; the log says so. Never a proof that the scan saw every row.
   */
  readonly filterIgnored?: boolean;
  /** `newest_first`: the rows do not come in the promised order, so that the scan reads on to the end of the list. */
  readonly orderIgnored?: boolean;
  /**
   * The provider does not take the filter that keeps out what is older than the floor: the list is read whole, and
   * older rows are left out.
   */
  readonly rangeIgnored?: boolean;
  /** The provider says that it has no such list: this account has none, or the list has another path. */
  readonly absent?: boolean;
}

export interface ReceivedRows {
  readonly rows: number;
  /**
   * Equal for the same rows in any order, and for no others: by their ids where they begin with one, else by all that
   * they hold.
   */
  readonly digest: string;
}

export type FetchedRow = GoodRow | BadRow;

export interface GoodRow {
  readonly externalId: string;
  readonly record: NormalisedRecord;
  /** The provider's own time of last change; null when the row carries none. */
  readonly sourceUpdatedAt: Date | null;
  /**
   * `if_known`: stored only as an update of a record that exists (for example an invoice that left the imported part by
   * being paid).
   */
  readonly store: 'always' | 'if_known';
  /** What it was listed with; null where the stream has no digests. */
  readonly digest: string | null;
}

/** A row that cannot be understood. Never the row itself. */
export interface BadRow {
  readonly externalId: string | null;
  /** What is wrong, without the value but for a word that a provider has begun to use. */
  readonly reason: string;
  /** The field's path, for example `total`. */
  readonly path: string;
  /** sha256 of the row's JSON, hex. */
  readonly rowDigest: string;
  /** What it is about, where that could be read. */
  readonly amount?: RowAmount;
}

/** An amount in minor units, with its ISO 4217 code. */
export interface RowAmount {
  readonly amountMinor: number;
  readonly currency: string;
}

export function isBadRow(row: object): row is BadRow {
  return 'reason' in row;
}

export function isListedRow(row: object): row is ListedRow {
  return 'understand' in row;
}

export function understood(row: FetchedRow | ListedRow): FetchedRow {
  return isListedRow(row) ? row.understand() : row;
}

export interface PaymentMethod {
  readonly id: number;
  readonly name: string;
  readonly active: boolean;
  readonly sort_order: number;
}

/**
 * Creates payments at the provider. Each step is one call, so that the caller can record what it knows between them.
 */
export interface PaymentPusher {
  createPayment(call: ProviderCall, payment: OutboundPayment): Promise<{ externalPaymentId: string }>;
  /** Searches the provider for a payment that carries our reference; null: not there. */
  findByReference(call: ProviderCall, payment: OutboundPayment): Promise<{ externalPaymentId: string } | null>;
  allocate(call: ProviderCall, payment: OutboundPayment, externalPaymentId: string): Promise<void>;
  /** Whether the allocation exists already. */
  isAllocated(call: ProviderCall, payment: OutboundPayment, externalPaymentId: string): Promise<boolean>;
  writeLog(call: ProviderCall, payment: OutboundPayment, externalPaymentId: string): Promise<void>;
  /** Whether the log entry exists already. */
  isLogged(call: ProviderCall, payment: OutboundPayment, externalPaymentId: string): Promise<boolean>;
}

export interface OutboundPayment {
  readonly externalInvoiceId: string;
  readonly externalCustomerId: string;
  readonly amountMinor: number;
  readonly currency: string;
  /** The provider's id of the mapped payment method. */
  readonly externalMethodId: string;
  readonly paidAt: Date;
  /** Our own reference, unique per payment: what an unknown outcome is searched by. */
  readonly reference: string;
}
