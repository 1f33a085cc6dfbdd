import type { Risk } from '../platform/config';
import type { Environment } from '../platform/http';
import type { StandingRefusal } from '../providers';

export interface Incident {
  readonly id: string;
  readonly provider: string;
  readonly environment: Environment;
  readonly openedAt: Date;
  readonly closedAt: Date | null;
  /** When the next run may try; open incidents only. */
  readonly retryAt: Date | null;
  /** Of the run that failed last with it; open incidents only. */
  readonly lastError: string | null;
  /** Active integrations of this provider and environment, and whose they are: at most three names. */
  readonly integrations: number;
  readonly merchants: readonly string[];
  readonly merchantCount: number;
  /** Of those integrations: what the incident does to them. */
  readonly degraded: number;
  readonly late: number;
}

/** A field, a form or a word that a provider was not seen to send before. */
export interface NewAtProvider {
  readonly provider: string;
  readonly environment: Environment;
  readonly stream: string;
  readonly kind: 'field' | 'form' | 'word';
  readonly name: string;
  readonly since: Date;
  /** Rows in quarantine for this field since then; words only. */
  readonly quarantined: number;
  /** Whose those are: at most three names. */
  readonly merchants: readonly string[];
  readonly merchantCount: number;
}

export interface Affected {
  readonly count: number;
  readonly since: string | null;
  /** At most three names. */
  readonly merchants: readonly string[];
  /** How many merchants they belong to. */
  readonly merchantCount: number;
  /** The id of what has a page in the console, where it is one and no more. */
  readonly only?: string | null;
  /** Ids of the providers that they are connected to; only of what belongs to integrations. */
  readonly providers?: readonly string[];
}

/** What waits for a rate limit, and until when the first of them does. */
export interface Limited extends Affected {
  readonly until: string | null;
}

/** Of webhook endpoints: at most three of them by name, and how many there are. */
export interface AffectedEndpoints extends Affected {
  readonly endpointCount: number;
  readonly endpoints: readonly { readonly name: string; readonly disabledReason: string | null }[];
}

/** What rows come to in one currency. */
export interface Amount {
  readonly currency: string;
  readonly amountMinor: number;
  /** Of how many rows it is known. */
  readonly rows: number;
}

/** What is looked at; null: all. */
export interface ViewScope {
  readonly environment: Environment | null;
  readonly provider: string | null;
}
export const EVERYTHING: ViewScope = { environment: null, provider: null };

export interface EnvironmentFacts {
  readonly environment: Environment;
  readonly active: number;
  readonly rejected: Affected;
  readonly broken: Affected;
  readonly degraded: Affected;
  readonly late: Affected;
  /** Runs wait because the provider, or the account's budget, allows no call now. */
  readonly limited: Limited;
  readonly pausedByOperator: Affected;
  readonly heldDeletions: Affected;
  /** `searched`: how many of them an operator has searched for at the provider. */
  readonly heldPayments: Affected & { readonly amounts: readonly Amount[]; readonly searched: number };
  readonly quarantined: readonly (Affected & { readonly resourceType: string; readonly amounts: readonly Amount[] })[];
  readonly unprovenFilters: Affected;
  /** The provider's clock is far off the database's. */
  readonly wrongClocks: Affected;
  /** Credentials that end at their provider within two weeks, or have ended. */
  readonly expiringCredentials: Affected & { readonly ended: number };
  /** API keys that end within two weeks, and have no successor. */
  readonly expiringKeys: Affected;
  /** Webhook endpoints that were switched off for failing, or that answered 410. */
  readonly disabledEndpoints: AffectedEndpoints;
  /** Webhook endpoints of which every try has failed for an hour. */
  readonly failingEndpoints: AffectedEndpoints;
  /** Events that were not taken by their last try, and are not sent again by themselves. */
  readonly givenUpEvents: AffectedEndpoints;
}

export interface AuditBacklog {
  readonly origin: string;
  readonly links: number;
  readonly since: Date;
  readonly lastError: string | null;
}

/** A fault, and since when this process has seen it. */
export interface SeenFault {
  readonly reason: string;
  readonly since: Date;
}

export interface Stuck {
  /** That are due. */
  readonly runs: Affected;
  /** Integrations whose time has come, and nobody has made a run of it. */
  readonly unmade: Affected;
}

/** Secrets whose keys are kept by what this process is not set up for. */
export interface KeylessFact extends Affected {
  readonly keptBy: string;
}

/** What the process and its vault know beside the facts of integrations. */
export interface ServiceFacts {
  readonly risks?: readonly Risk[];
  /** When an operator stopped the open rotation; null: none is stopped. */
  readonly rotationStoppedAt?: Date | null;
  /** Why AWS KMS is not available, and whose last run failed for it; null: it is available. */
  readonly keyManagementAway?: (SeenFault & { readonly waiting: Affected }) | null;
  readonly keyless?: KeylessFact | null;
  readonly databaseReadOnly?: SeenFault | null;
  readonly databaseAway?: SeenFault | null;
  /** Stores that missed one check, by what people call them. */
  readonly slowStores?: readonly (SeenFault & { readonly store: string })[];
  /** Why the queue takes nothing; null: it does. */
  readonly queueAway?: SeenFault | null;
  /** While nobody works on any run. */
  readonly stuck?: Stuck;
  readonly clockSkew?: SeenFault | null;
  /** What ends within two weeks. */
  readonly expiring?: { readonly tokens: Affected; readonly nodeKeys: Affected };
  readonly certificates?: readonly { readonly variable: string; readonly expiresAt: Date }[];
  /** Requests that wait for a second operator. */
  readonly approvals?: { readonly count: number; readonly since: Date | null };
  /** Receivers of the audit chain that do not take it. */
  readonly auditBacklogs?: readonly AuditBacklog[];
  /** Manifests that this process does not serve in their newest version. */
  readonly refusedManifests?: readonly StandingRefusal[];
}

/** Before something ends. */
export const NOTICE_DAYS = 14;
export const NOTICE_MS = NOTICE_DAYS * 86_400_000;
