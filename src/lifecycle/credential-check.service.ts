import { Injectable } from '@nestjs/common';
import { AuditLog } from '../audit';
import { providerFailureToError, type IntegrationKey } from '../integrations';
import { MerchantService } from '../merchants';
import { UnitOfWork } from '../platform/database';
import { ProviderFailure } from '../platform/outbound';
import { ProviderRegistry, type ProviderCredentials } from '../providers';
import { CredentialTest } from './credential-test';

export type CredentialCheck =
  { readonly valid: true } | { readonly valid: false; readonly error: string; readonly reason: string };

/**
 * The `test` call: asks the provider about credentials that are stored nowhere. The audit log says that a test
 * happened, not with what.
 */
@Injectable()
export class CredentialCheckService {
  constructor(
    private readonly credentialTest: CredentialTest,
    private readonly providers: ProviderRegistry,
    private readonly merchants: MerchantService,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditLog,
  ) {}

  async check(key: IntegrationKey, credentials: ProviderCredentials): Promise<CredentialCheck> {
    const { defaultCurrency } = await this.merchants.get(key.merchantId);
    const result = await this.ask(key, credentials, defaultCurrency);
    await this.unitOfWork.run((tx) =>
      this.audit.record(tx, {
        action: 'credential.tested',
        subject: { type: 'provider', id: key.provider },
        merchantId: key.merchantId,
        environment: key.environment,
        details: { valid: result.valid },
      }),
    );
    return result;
  }

  private async ask(key: IntegrationKey, credentials: ProviderCredentials, currency: string): Promise<CredentialCheck> {
    try {
      await this.credentialTest.run(key, credentials, { currency, timezone: null }, { willStore: false });
      return { valid: true };
    } catch (error) {
      if (error instanceof ProviderFailure && (error.verdict === 'auth' || error.verdict === 'permission')) {
        const reason = error.providerMessage ?? error.message;
        return { valid: false, error: reason, reason };
      }
      throw providerFailureToError(error, this.providers.nameOf(key.provider));
    }
  }
}
