import type { Environment } from '../platform/http';
import type { ProviderId } from '../providers';

/** A row of a merchant's connection to one provider in one environment. */
export interface Integration {
  readonly id: string;
  readonly merchantId: string;
  readonly environment: Environment;
  readonly provider: ProviderId;
  readonly state: IntegrationState;
  readonly syncEnabled: boolean;
  readonly configuration: IntegrationConfiguration;
  readonly accountId: string;
  /** Grows when the credentials open another account: records of different epochs are never compared by time. */
  readonly epoch: number;
  readonly credentialId: string | null;
  readonly credentialVersion: number;
  /** When the credential ends at the provider; null: the provider does not say it. */
  readonly credentialExpiresAt: Date | null;
  readonly previousCredentialId: string | null;
  readonly previousConfiguration: Pick<IntegrationConfiguration, 'baseUrl' | 'credentialHint'> | null;
  readonly previousAccountId: string | null;
  readonly previousCredentialExpiresAt: Date | null;
  readonly rollbackUntil: Date | null;
  readonly activatedAt: Date;
  /** The idempotent request that activated it; null: it had no Idempotency-Key. */
  readonly activatedByRequest: string | null;
  readonly deactivatedAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export type IntegrationState = 'active' | 'inactive';

/** Settings as the contract shows them; nothing here is secret. */
export interface IntegrationConfiguration {
  readonly syncIntervalMinutes: number;
  readonly currency: string;
  readonly timezone: string | null;
  readonly invoiceLookbackDays: number;
  readonly syncPatients: boolean;
  readonly syncProducts: boolean;
  readonly syncPackages: boolean;
  readonly syncInvoices: boolean;
  readonly pushPayments: boolean;
  readonly autoSendInvoices: boolean;
  readonly baseUrl: string;
  /** The last four characters of the key. */
  readonly credentialHint: string;
}

/** There is at most one integration of a merchant, environment and provider. */
export interface IntegrationKey {
  readonly merchantId: string;
  readonly environment: Environment;
  readonly provider: ProviderId;
}
