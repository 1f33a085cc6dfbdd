import type { Verdict } from '../../../src/platform/outbound';
import type { BuiltInId, GoodRow } from '../../../src/providers';

export type Row = Record<string, unknown>;

/** What the simulator knows of one stream. */
export interface StreamFacts {
  /** The simulator's name of the rows. */
  readonly resource: string;
  /** As the simulator logs it, without base and version. */
  readonly listPath: string;
  /** The external id under which a full scan must bring this row; null: it is none of the stream's. */
  externalIdOf(row: Row): string | null;
  /** Fields that make a new row one of the stream's, where not every row is. */
  readonly newRow?: Row;
}

/** One provider, told to the suite by somebody who read its pages: independent of adapter and simulator code. */
export interface ConformanceSubject {
  readonly provider: BuiltInId;
  /** Rows per resource: every main list longer than two pages, none a whole number of pages. */
  readonly sizes: Record<string, number>;
  readonly streams: Readonly<Record<string, StreamFacts>>;
  /** The stream that failures are tried on: more than two pages. */
  readonly mainStream: string;
  /** Paths that the credential test may ask for: nothing personal. */
  readonly credentialPaths: readonly string[];
  readonly pageSize: number;
  /** Stands in every value of the simulator that must never be kept. */
  readonly privateMark: RegExp;
  /** An answer of this provider that lists these rows, on the main stream. */
  wrap(rows: unknown[]): object;
  /** How this provider says what went wrong. */
  errorBody(status: number, message: string): object;
  /** A body that comes with status 200 and is no success. */
  readonly errorIn200: { readonly body: object; readonly verdict: Verdict; readonly retried: boolean };
  /** Amounts as this provider writes them, and what they are in minor units; left out only where no stream has any. */
  readonly money?: {
    readonly stream: string;
    readonly field: string;
    readonly values: readonly (readonly [raw: unknown, minor: number])[];
    read(row: GoodRow): number | null;
  };
  /** Something that makes one row of the main stream impossible to understand; `canary` stands in the value. */
  bad(canary: string): { readonly fields: Row; readonly path: string };
  /** A row of the main stream that is fine but odd: unknown fields, overlong texts, control characters. */
  odd(canary: string): Row;
  /** Where times come without a zone: such a field of a stream. */
  readonly zoneless?: { readonly stream: string; readonly field: string; read(row: GoodRow): string | null };
}
