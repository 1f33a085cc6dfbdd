import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { AuditModule } from '../audit';
import { AppConfig } from '../platform/config';
import { AwsKms } from './adapters/aws-kms';
import { LocalKeyring } from './adapters/local-keyring';
import { CacheInvalidation } from './cache-invalidation';
import { DataKeyCache } from './data-key-cache';
import { KeyManagement } from './key-management';
import { SealedSecretRepository } from './store/sealed-secret.repository';
import { Vault } from './vault';

@Module({
  imports: [AuditModule],
  providers: [
    Vault,
    SealedSecretRepository,
    CacheInvalidation,
    { provide: DataKeyCache, useFactory: () => new DataKeyCache() },
    {
      provide: KeyManagement,
      inject: [AppConfig],
      useFactory: (config: AppConfig): KeyManagement => {
        if (config.kms.keyId) {
          return new AwsKms({ keyId: config.kms.keyId, region: config.kms.region, endpoint: config.kms.endpoint });
        }
        return new LocalKeyring(
          config.localKeyring ? { text: config.localKeyring } : { file: join(config.dataDir, 'keyring.json') },
        );
      },
    },
  ],
  exports: [Vault],
})
export class VaultModule {}
