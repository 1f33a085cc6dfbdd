import { Injectable } from '@nestjs/common';
import { AppConfig } from '../platform/config';
import { LOCAL_KEY } from './key-management';
import { SealedSecretRepository, type SecretsOfOwners } from './store/sealed-secret.repository';

/** Live secrets that this process cannot open, because it is not set up for what keeps their keys. */
export interface Keyless extends SecretsOfOwners {
  readonly keptBy: 'the local keyring' | 'AWS KMS';
}

@Injectable()
export class KeylessSecrets {
  constructor(
    private readonly config: AppConfig,
    private readonly secrets: SealedSecretRepository,
  ) {}

  /** null: this process is set up for the keys of all. */
  async find(): Promise<Keyless | null> {
    const { keyId, otherKeyId } = this.config.kms;
    const isLocalSetUp = keyId === null || otherKeyId === LOCAL_KEY;
    const isKmsSetUp = keyId !== null || (otherKeyId !== null && otherKeyId !== LOCAL_KEY);
    if (isLocalSetUp && isKmsSetUp) return null;
    const found = await this.secrets.keptBy(isLocalSetUp ? 'kms' : 'local');
    return found.count === 0 ? null : { ...found, keptBy: isLocalSetUp ? 'AWS KMS' : 'the local keyring' };
  }
}
