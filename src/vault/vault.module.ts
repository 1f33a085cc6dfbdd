import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { AuditModule } from '../audit';
import { AppConfig } from '../platform/config';
import { Metrics } from '../platform/metrics';
import { AwsKms } from './adapters/aws-kms';
import { LocalKeyring } from './adapters/local-keyring';
import { CacheInvalidation } from './cache-invalidation';
import { DataKeyCache } from './data-key-cache';
import { EnvelopeOpener } from './envelope-opener';
import { KeyManagement } from './key-management';
import { VaultRotation } from './rotation';
import { RotationWork } from './rotation-work';
import { RotationLock } from './store/rotation-lock';
import { RotationRepository } from './store/rotation.repository';
import { SealedSecretRepository } from './store/sealed-secret.repository';
import { Vault } from './vault';

@Module({
  imports: [AuditModule],
  providers: [
    Vault,
    EnvelopeOpener,
    SealedSecretRepository,
    VaultRotation,
    RotationWork,
    RotationRepository,
    RotationLock,
    CacheInvalidation,
    {
      provide: DataKeyCache,
      inject: [{ token: Metrics, optional: true }],
      useFactory: (metrics?: Metrics): DataKeyCache => {
        const cache = new DataKeyCache();
        metrics?.countedElsewhere(
          'vault_cache_hits_total',
          'Secrets opened with a data key from memory.',
          () => cache.hits,
        );
        metrics?.countedElsewhere(
          'vault_cache_misses_total',
          'Data keys unwrapped by key management.',
          () => cache.misses,
        );
        return cache;
      },
    },
    {
      provide: KeyManagement,
      inject: [AppConfig, { token: Metrics, optional: true }],
      useFactory: async (config: AppConfig, metrics?: Metrics): Promise<KeyManagement> => {
        if (config.kms.keyId) {
          const calls = metrics?.histogram('kms_call_duration_seconds', 'Calls to AWS KMS, by action and outcome.', [
            'action',
            'outcome',
          ]);
          return new AwsKms({
            ...config.kms,
            keyId: config.kms.keyId,
            onCall: (action, outcome, seconds) => calls?.observe({ action, outcome }, seconds),
          });
        }
        const keyring = new LocalKeyring(
          config.localKeyring ? { text: config.localKeyring } : { file: join(config.dataDir, 'keyring.json') },
        );
        // a keyring that others can read, or that is broken, stops the process here and not at the first sync
        await keyring.check();
        return keyring;
      },
    },
  ],
  exports: [Vault, VaultRotation],
})
export class VaultModule {}
