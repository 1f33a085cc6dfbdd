import { join } from 'node:path';
import { Module, Optional, type OnModuleInit } from '@nestjs/common';
import { AuditModule } from '../audit';
import { AppConfig } from '../platform/config';
import { Metrics } from '../platform/metrics';
import { RetentionTasks } from '../platform/retention';
import { AwsKms } from './adapters/aws-kms';
import { LocalKeyring } from './adapters/local-keyring';
import { CacheInvalidation } from './cache-invalidation';
import { DataKeyCache } from './data-key-cache';
import { EnvelopeOpener } from './envelope-opener';
import { KeyManagement, LOCAL_KEY } from './key-management';
import { KeyManagementHealth } from './key-management-health';
import { KeyRouter } from './key-router';
import { KeylessSecrets } from './keyless-secrets';
import { VaultRotation } from './rotation';
import { RotationPasses } from './rotation-passes';
import { RotationWork } from './rotation-work';
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
    RotationPasses,
    RotationWork,
    RotationRepository,
    CacheInvalidation,
    KeyManagementHealth,
    KeylessSecrets,
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
      inject: [AppConfig, SealedSecretRepository, KeyManagementHealth, { token: Metrics, optional: true }],
      useFactory: keyManagementOf,
    },
  ],
  exports: [Vault, VaultRotation, KeyManagement, KeyManagementHealth, KeylessSecrets],
})
export class VaultModule implements OnModuleInit {
  constructor(
    private readonly vault: Vault,
    @Optional() private readonly retentionTasks?: RetentionTasks,
  ) {}

  onModuleInit(): void {
    const trim = (limit: number): Promise<number> => this.vault.purgeDestroyed(limit);
    this.retentionTasks?.register({ name: 'destroyed_secrets', trim });
  }
}

async function keyManagementOf(
  config: AppConfig,
  secrets: SealedSecretRepository,
  health: KeyManagementHealth,
  metrics?: Metrics,
): Promise<KeyManagement> {
  const { keyId, otherKeyId, region, endpoint } = config.kms;
  const kmsKey = keyId ?? (otherKeyId === LOCAL_KEY ? null : otherKeyId);
  const calls = metrics?.histogram('kms_call_duration_seconds', 'Calls to AWS KMS, by action and outcome.', [
    'action',
    'outcome',
  ]);
  const kms = kmsKey
    ? new AwsKms({
        region,
        endpoint,
        keyId: kmsKey,
        onCall: (action, outcome, seconds) => {
          calls?.observe({ action, outcome }, seconds);
          health.saw(action, outcome);
        },
      })
    : null;
  if (kms) health.report(() => kms.currentKey());
  const local =
    keyId === null || otherKeyId === LOCAL_KEY
      ? new LocalKeyring(
          config.localKeyring ? { text: config.localKeyring } : { file: join(config.dataDir, 'keyring.json') },
          { mustExist: keyId !== null, isNeeded: () => secrets.anyUnder(`${LOCAL_KEY}-`) },
        )
      : null;
  // fail at start, not at the first sync, when the keyring is broken or readable by others
  await local?.check();
  return new KeyRouter({ sealing: (keyId === null ? local : kms)!, local, kms });
}
