import type { WrappedKey } from './envelope';
import type { EncryptionContext } from './seal-context';

export interface GeneratedDataKey {
  /** 32 bytes; the caller zeroes it. */
  readonly plaintext: Buffer;
  readonly wrapped: WrappedKey;
}

/**
 * Wraps and unwraps data keys. Two implementations, one contract suite (test/contract/key-management.ts).
 * Every failure is a VaultError: `throttled` and `unavailable` pass by themselves, the others do not.
 */
export abstract class KeyManagement {
  abstract readonly kind: 'aws_kms' | 'local_keyring';

  /** A new 256-bit data key under the current key. */
  abstract generateDataKey(context: EncryptionContext): Promise<GeneratedDataKey>;

  /** Precondition: the context is the one it was wrapped under. Else `wrong_context`; the key id is pinned: else `wrong_key`. */
  abstract unwrap(wrapped: WrappedKey, context: EncryptionContext): Promise<Buffer>;

  /** The same data key under the current key (or `toKeyId`), without it leaving key management where that is possible. */
  abstract rewrap(wrapped: WrappedKey, context: EncryptionContext, toKeyId?: string): Promise<WrappedKey>;

  /** The key that `generateDataKey` and `rewrap` use now. */
  abstract currentKey(): Promise<{ keyId: string; keyVersion: number }>;

  abstract close(): void;
}
