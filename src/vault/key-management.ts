import type { WrappedKey } from './envelope';
import type { EncryptionContext } from './seal-context';

export interface KeyVersion {
  readonly keyId: string;
  readonly keyVersion: number;
}

export interface GeneratedDataKey {
  /** 32 bytes; the caller zeroes it. */
  readonly plaintext: Buffer;
  readonly wrapped: WrappedKey;
}

/** Keys of the local keyring have names of their own: a key's id alone says who keeps it. */
export const LOCAL_KEY = 'local';

export function isLocalKey(keyId: string): boolean {
  return keyId === LOCAL_KEY || keyId.startsWith(`${LOCAL_KEY}-`);
}

/**
 * Wraps and unwraps data keys. Two implementations, one contract suite (test/contract/key-management.ts).
 * Every failure is a VaultError: `throttled` and `unavailable` pass by themselves, the others do not.
 */
export abstract class KeyManagement {
  /** A new 256-bit data key under the current key (or `underKeyId`). */
  abstract generateDataKey(context: EncryptionContext, underKeyId?: string): Promise<GeneratedDataKey>;

  /**
   * Precondition: the context is the one it was wrapped under. Else `wrong_context`; the key id is pinned: else
   * `wrong_key`.
   */
  abstract unwrap(wrapped: WrappedKey, context: EncryptionContext): Promise<Buffer>;

  /** A data key that another key management made, under the current key (or `underKeyId`). The caller zeroes it. */
  abstract wrap(dataKey: Buffer, context: EncryptionContext, underKeyId?: string): Promise<WrappedKey>;

  /**
   * The same data key under the current key (or `toKeyId`), without it leaving key management where that is possible.
   */
  abstract rewrap(wrapped: WrappedKey, context: EncryptionContext, toKeyId?: string): Promise<WrappedKey>;

  /**
   * The key that `generateDataKey` and `rewrap` use now, or what `keyId` resolves to; an unusable one fails here
   * already.
   */
  abstract currentKey(keyId?: string): Promise<KeyVersion>;

  /** A new key version that is current from now on. Refused where it is not this process that keeps the keys. */
  abstract addVersion(): Promise<KeyVersion>;

  abstract close(): void;
}
