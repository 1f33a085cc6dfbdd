import type { Verdict } from '../../platform/outbound';
import type { ProviderState } from '../provider.registry';
import type { ResourceType } from '../records';
import type { ManifestAuth } from './manifest-auth';

/** A provider as data: what a file in `PROVIDERS_DIR` says. `manifest-schema.ts` is its form. */
export interface Manifest {
  readonly apiVersion: 'interlock/v1';
  readonly id: string;
  readonly name: string;
  readonly docsUrl: string;
  /** Left out: `beta`. */
  readonly state?: ProviderState;
  readonly baseUrl: ManifestBaseUrl;
  /** Host suffixes that a live credential may lead to. */
  readonly hosts: readonly string[];
  readonly auth: ManifestAuth;
  /** Sent with every call. `{appName}` stands for a field of the credentials. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Beside `baseUrl`, which every provider has, and `apiKey`, which is asked for where it is sent. */
  readonly credentials?: Readonly<Record<string, ManifestCredential>>;
  readonly rate: { readonly perSecond: number; readonly burst: number; readonly per: 'account' | 'key' };
  readonly interval: { readonly defaultMinutes: number; readonly minimumMinutes: number };
  readonly settleMarginSeconds?: number;
  readonly test: ManifestTest;
  readonly errors?: ManifestErrors;
  readonly times?: ManifestTimes;
  readonly streams: readonly StreamManifest[];
}

export interface ManifestBaseUrl {
  /** Taken where the merchant names none. */
  readonly default?: string;
  /** A last path segment of the API's own, which merchants paste or leave out; it is put behind what they paste. */
  readonly segment?: string;
  /** Each merchant has a host of its own. */
  readonly perMerchant?: boolean;
  readonly example: string;
}

export interface ManifestCredential {
  readonly title: string;
  readonly description: string;
  readonly secret?: boolean;
  /**
   * Tells one credential from another: what the hint shows the end of, and whose budget it is where the provider counts
   * by key. Left out of all: `apiKey`.
   */
  readonly identifies?: true;
  readonly default?: string;
  readonly maxLength?: number;
  readonly example: string;
}

export interface ManifestTest {
  readonly path: string;
  /** Where the answer says whose account it is; left out: the base URL says it. */
  readonly account?: string;
  /** Where the answer says when the credentials end. */
  readonly expires?: ManifestEnd;
}

/** A path of the answer, a header, or a CEL expression over the answer, as `row`. */
export type ManifestEnd = string | { readonly header: string } | { readonly cel: string };

export interface ManifestErrors {
  /** Where an answer says what is wrong, the first that is a text. */
  readonly messages?: readonly string[];
  /** The first that fits; none: by the usual meaning of the status. */
  readonly rules?: readonly ManifestErrorRule[];
}

export interface ManifestErrorRule {
  readonly status?: number;
  readonly header?: string;
  readonly path?: string;
  /** Of the header or the member of the body; left out: it is there. */
  readonly equals?: string | number | boolean;
  readonly verdict: Verdict | 'gone';
}

export interface ManifestTimes {
  readonly form?: 'iso' | 'unix';
  /** `named`: each time names its zone. `merchant`: none does, and the merchant's setting says it. */
  readonly zone?: 'named' | 'utc' | 'merchant';
}

export interface StreamManifest {
  readonly key: string;
  readonly resource: ResourceType;
  readonly enabledBy?: 'syncPatients' | 'syncProducts' | 'syncPackages' | 'syncInvoices';
  /** To be raised with every change that gives a row another record. */
  readonly version: number;
  readonly path: string;
  /** `{location}` stands for a field of the credentials that is not secret. */
  readonly query?: Readonly<Record<string, string>>;
  /** The member of the answer that holds the rows; `$`: the answer is the list. */
  readonly rows: string;
  /** An empty list comes without that member. */
  readonly rowsOptional?: boolean;
  readonly id: string;
  readonly idPrefix?: string;
  readonly updatedAt?: string;
  readonly createdAt?: string;
  readonly paging: ManifestPaging;
  readonly changedSince?: ManifestFilter;
  /** Rows come in descending order of `createdAt`, and change for so many days. */
  readonly newestFirst?: { readonly mutableDays: number };
  /** A CEL expression over `row`: the rows for which it is false are not of this stream. */
  readonly where?: string;
  /** The list shows every live row: one that is missing from it is gone. */
  readonly complete: boolean;
  readonly one?: { readonly path: string; readonly row?: string };
  readonly fields: ManifestFields;
}

export interface ManifestPageEnd {
  readonly size?: number;
  readonly sizeParameter?: string;
  /** Where the answer says true or false. */
  readonly more?: string;
  /** Where the answer has a link or a cursor as long as there is more. */
  readonly next?: string;
  /** Where the answer says how many rows the list has. */
  readonly total?: string;
}

export type ManifestPaging =
  | { readonly by: 'none' }
  | ({ readonly by: 'page'; readonly parameter: string; readonly first?: 0 | 1 } & ManifestPageEnd)
  | ({ readonly by: 'offset'; readonly parameter: string } & ManifestPageEnd)
  | ({ readonly by: 'after'; readonly parameter: string } & ManifestPageEnd)
  | ({ readonly by: 'cursor'; readonly parameter: string; readonly next: string } & ManifestPageEnd)
  | ({ readonly by: 'link'; readonly next: string } & ManifestPageEnd);

export interface ManifestFilter {
  readonly parameter: string;
  /** `{since}` stands for the time. */
  readonly value?: string;
  readonly form?: 'iso' | 'unix' | 'wall' | 'date';
}

/** By the name of a normalised record's field. */
export interface ManifestFields {
  readonly [field: string]: ManifestSource | ManifestFields | ManifestLines;
}

/** A path of the row (`a.b.0.c`), or what says more. */
export type ManifestSource = string | ManifestRule;

export interface ManifestRule {
  /** The first of these paths that holds something. */
  readonly from?: string | readonly string[];
  /** A CEL expression over `row`. */
  readonly cel?: string;
  readonly value?: string | number | boolean | null;
  /** By the provider's word, in any letter case; `*`: any other. Without it, an unknown word is quarantined. */
  readonly words?: Readonly<Record<string, string | boolean>>;
  /** Taken where the row holds nothing. */
  readonly otherwise?: string | number | boolean;
  /** Of money: `minor` is a whole number of minor units. */
  readonly unit?: 'major' | 'minor';
  readonly prefix?: string;
}

/** A list of the row, each of its entries by these fields. */
export interface ManifestLines {
  readonly each: string;
  readonly fields: ManifestFields;
}
