import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { DATA_KEY_BYTES, NONCE_BYTES, TAG_BYTES, type WrappedKey } from '../envelope';
import { KeyManagement, LOCAL_KEY, type GeneratedDataKey, type KeyVersion } from '../key-management';
import { contextBytes, type EncryptionContext } from '../seal-context';
import { VaultError } from '../vault-error';
import {
  addKeyVersion,
  fileStamp,
  KeyringError,
  readKeyring,
  type Keyring,
  type KeyringSource,
} from './keyring-source';

/**
 * Versioned 256-bit keys, for development and for small installations that back them up themselves. Losing the keyring
 * loses every secret sealed under it (docs/security.md).
 */
export class LocalKeyring extends KeyManagement {
  private ring: Keyring | null = null;
  private loading: Promise<Keyring> | null = null;
  private checking: Promise<boolean> | null = null;
  private closed = false;

  /**
   * `mustExist`: the keyring only opens, so a missing file is an error. `isNeeded`: secrets are sealed under it, so a
   * missing file is an error too: a new keyring would open none of them.
   */
  constructor(
    private readonly source: KeyringSource,
    private readonly options: { readonly mustExist?: boolean; readonly isNeeded?: () => Promise<boolean> } = {},
  ) {
    super();
  }

  async generateDataKey(context: EncryptionContext, underKeyId?: string): Promise<GeneratedDataKey> {
    const ring = await this.fresh(underKeyId);
    const plaintext = randomBytes(DATA_KEY_BYTES);
    return { plaintext, wrapped: this.wrapWith(ring, plaintext, context) };
  }

  async unwrap(wrapped: WrappedKey, context: EncryptionContext): Promise<Buffer> {
    const known = this.ring?.keys.has(wrapped.keyVersion) ? this.ring : null;
    // another process may have rotated: look again before saying that the key does not exist
    return this.unwrapWith(known ?? (await this.fresh()), wrapped, context);
  }

  async wrap(dataKey: Buffer, context: EncryptionContext, underKeyId?: string): Promise<WrappedKey> {
    return this.wrapWith(await this.fresh(underKeyId), dataKey, context);
  }

  async rewrap(wrapped: WrappedKey, context: EncryptionContext, toKeyId?: string): Promise<WrappedKey> {
    const ring = await this.fresh(toKeyId);
    const dataKey = this.unwrapWith(ring, wrapped, context);
    try {
      return this.wrapWith(ring, dataKey, context);
    } finally {
      dataKey.fill(0);
    }
  }

  async currentKey(keyId?: string): Promise<KeyVersion> {
    const ring = await this.fresh(keyId);
    return { keyId: ring.id, keyVersion: ring.current };
  }

  /** For the start of a process, which alone reports in full what is wrong with the keyring. */
  async check(): Promise<void> {
    await this.load();
  }

  /** Adds a key version and makes it current; old versions stay for what they wrap. */
  async addVersion(): Promise<KeyVersion> {
    if (!('file' in this.source)) throw new KeyringError('a keyring from the environment is rotated there');
    await this.load();
    const rotated = await addKeyVersion(this.source.file);
    await this.load();
    return rotated;
  }

  close(): void {
    this.closed = true;
    for (const key of this.ring?.keys.values() ?? []) key.fill(0);
    this.ring = null;
  }

  private wrapWith(ring: Keyring, dataKey: Buffer, context: EncryptionContext): WrappedKey {
    const key = this.keyOf(ring, ring.current);
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(wrapAad(ring.id, ring.current, context));
    const bytes = Buffer.concat([nonce, cipher.update(dataKey), cipher.final(), cipher.getAuthTag()]);
    return { bytes, keyId: ring.id, keyVersion: ring.current };
  }

  private unwrapWith(ring: Keyring, wrapped: WrappedKey, context: EncryptionContext): Buffer {
    if (wrapped.keyId !== ring.id) throw new VaultError('wrong_key');
    const key = this.keyOf(ring, wrapped.keyVersion);
    const body = wrapped.bytes;
    if (body.length !== NONCE_BYTES + DATA_KEY_BYTES + TAG_BYTES) throw new VaultError('bad_wrapped_key');
    const decipher = createDecipheriv('aes-256-gcm', key, body.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(wrapAad(wrapped.keyId, wrapped.keyVersion, context));
    decipher.setAuthTag(body.subarray(NONCE_BYTES + DATA_KEY_BYTES));
    const dataKey = decipher.update(body.subarray(NONCE_BYTES, NONCE_BYTES + DATA_KEY_BYTES));
    try {
      decipher.final();
    } catch (error) {
      dataKey.fill(0);
      throw new VaultError('wrong_context', { cause: error });
    }
    return dataKey;
  }

  private keyOf(ring: Keyring, version: number): Buffer {
    // `close` has zeroed the keys: a wrap under zeros would lose the secret and give it away
    if (this.closed) throw new VaultError('unavailable');
    const key = ring.keys.get(version);
    if (!key) throw new VaultError('key_not_found');
    return key;
  }

  /** The keyring as it is now: re-read when the file was replaced. */
  private async fresh(keyId?: string): Promise<Keyring> {
    if (this.closed) throw new VaultError('unavailable');
    // callers of the same moment share one look at the file
    this.checking ??= this.isCurrent().finally(() => {
      this.checking = null;
    });
    const current = await this.checking;
    // closed meanwhile: there is no ring any more
    const ring = current && this.ring ? this.ring : await this.load().catch(unavailable);
    if (keyId !== undefined && keyId !== LOCAL_KEY && keyId !== ring.id) throw new VaultError('key_not_found');
    return ring;
  }

  private async isCurrent(): Promise<boolean> {
    if (!this.ring) return false;
    if (!('file' in this.source)) return true;
    const stamp = await fileStamp(this.source.file);
    // a file that went away must not take the keys in memory with it, and least of all be replaced by a fresh keyring
    return stamp === null || stamp === this.ring?.stamp;
  }

  private async mayCreate(): Promise<boolean> {
    if (this.ring !== null || this.options.mustExist) return false;
    if (!(await this.options.isNeeded?.())) return true;
    throw new KeyringError(
      'the keyring’s file is not there, and secrets in the database are sealed under it. Put it back from its backup ' +
        '(docs/security.md): a new keyring would open none of them',
    );
  }

  private async load(): Promise<Keyring> {
    this.loading ??= readKeyring(this.source, { mayCreate: () => this.mayCreate() }).finally(() => {
      this.loading = null;
    });
    const ring = await this.loading;
    if (!this.closed) this.ring = ring;
    return ring;
  }
}

/** A keyring that cannot be read just now may be mended while the process runs. */
function unavailable(error: unknown): never {
  throw new VaultError('unavailable', { cause: error });
}

function wrapAad(keyId: string, keyVersion: number, context: EncryptionContext): Buffer {
  return Buffer.concat([Buffer.from(`${keyId}#${keyVersion}\n`, 'utf8'), contextBytes(context)]);
}
