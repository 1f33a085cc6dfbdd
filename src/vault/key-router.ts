import type { WrappedKey } from './envelope';
import { isLocalKey, KeyManagement, type GeneratedDataKey, type KeyVersion } from './key-management';
import type { EncryptionContext } from './seal-context';
import { VaultError } from './vault-error';

export interface KeyManagements {
  /** Seals what is new. One of the two below. */
  readonly sealing: KeyManagement;
  readonly local: KeyManagement | null;
  readonly kms: KeyManagement | null;
}

/**
 * One key management out of one or two: the id of a key says which of them is asked. Two stand side by side while
 * secrets are moved from one to the other: both open, and one seals what is new.
 */
export class KeyRouter extends KeyManagement {
  constructor(private readonly managements: KeyManagements) {
    super();
  }

  async generateDataKey(context: EncryptionContext, underKeyId?: string): Promise<GeneratedDataKey> {
    return this.of(underKeyId).generateDataKey(context, underKeyId);
  }

  async unwrap(wrapped: WrappedKey, context: EncryptionContext): Promise<Buffer> {
    return this.of(wrapped.keyId).unwrap(wrapped, context);
  }

  async wrap(dataKey: Buffer, context: EncryptionContext, underKeyId?: string): Promise<WrappedKey> {
    return this.of(underKeyId).wrap(dataKey, context, underKeyId);
  }

  async rewrap(wrapped: WrappedKey, context: EncryptionContext, toKeyId?: string): Promise<WrappedKey> {
    const [from, to] = [this.of(wrapped.keyId), this.of(toKeyId)];
    if (from === to) return from.rewrap(wrapped, context, toKeyId);
    const dataKey = await from.unwrap(wrapped, context);
    try {
      return await to.wrap(dataKey, context, toKeyId);
    } finally {
      dataKey.fill(0);
    }
  }

  async currentKey(keyId?: string): Promise<KeyVersion> {
    return this.of(keyId).currentKey(keyId);
  }

  async addVersion(): Promise<KeyVersion> {
    return this.managements.sealing.addVersion();
  }

  close(): void {
    this.managements.local?.close();
    this.managements.kms?.close();
  }

  private of(keyId: string | undefined): KeyManagement {
    const { sealing, local, kms } = this.managements;
    const management = keyId === undefined ? sealing : isLocalKey(keyId) ? local : kms;
    // a key of a management that is not set up here does not exist, and the other one is not asked
    if (!management) throw new VaultError('key_not_found');
    return management;
  }
}
