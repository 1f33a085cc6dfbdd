import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rename, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DATA_KEY_BYTES, NONCE_BYTES, TAG_BYTES, type WrappedKey } from '../envelope';
import { type GeneratedDataKey, KeyManagement } from '../key-management';
import { contextBytes, type EncryptionContext } from '../seal-context';
import { VaultError } from '../vault-error';

/** Where the keys lie: a file that belongs to this user alone, or the environment. */
export type KeyringSource = { readonly file: string } | { readonly text: string };

interface Keyring {
  readonly id: string;
  readonly current: number;
  readonly keys: ReadonlyMap<number, Buffer>;
  /** File identity, to notice a rotation by another process. */
  readonly stamp: string;
}

export class KeyringError extends Error {
  constructor(message: string) {
    super(`keyring: ${message}`);
    this.name = 'KeyringError';
  }
}

/**
 * Versioned 256-bit keys, for development and for small installations that back them up themselves. Losing the keyring
 * loses every secret sealed under it (docs/security.md).
 */
export class LocalKeyring extends KeyManagement {
  readonly kind = 'local_keyring';
  private ring: Keyring | null = null;
  private loading: Promise<Keyring> | null = null;

  constructor(private readonly source: KeyringSource) {
    super();
  }

  async generateDataKey(context: EncryptionContext): Promise<GeneratedDataKey> {
    const ring = await this.fresh();
    const plaintext = randomBytes(DATA_KEY_BYTES);
    return { plaintext, wrapped: this.wrap(ring, plaintext, context) };
  }

  async unwrap(wrapped: WrappedKey, context: EncryptionContext): Promise<Buffer> {
    let ring = this.ring ?? (await this.load());
    // another process may have rotated: look again before saying that the key does not exist
    if (!ring.keys.has(wrapped.keyVersion)) ring = await this.fresh();
    if (wrapped.keyId !== ring.id) throw new VaultError('wrong_key');
    const key = ring.keys.get(wrapped.keyVersion);
    if (!key) throw new VaultError('key_not_found');
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

  async rewrap(wrapped: WrappedKey, context: EncryptionContext, toKeyId?: string): Promise<WrappedKey> {
    const ring = await this.fresh();
    if (toKeyId !== undefined && toKeyId !== ring.id) throw new VaultError('key_not_found');
    const dataKey = await this.unwrap(wrapped, context);
    try {
      return this.wrap(ring, dataKey, context);
    } finally {
      dataKey.fill(0);
    }
  }

  async currentKey(): Promise<{ keyId: string; keyVersion: number }> {
    const ring = await this.fresh();
    return { keyId: ring.id, keyVersion: ring.current };
  }

  /** Adds a key version and makes it current; old versions stay for what they wrap. */
  async rotate(): Promise<number> {
    if (!('file' in this.source)) throw new KeyringError('a keyring from the environment is rotated there');
    const ring = await this.fresh();
    const version = Math.max(...ring.keys.keys()) + 1;
    const keys = new Map(ring.keys).set(version, randomBytes(DATA_KEY_BYTES));
    await writeKeyring(this.source.file, { id: ring.id, current: version, keys });
    await this.load();
    return version;
  }

  close(): void {
    for (const key of this.ring?.keys.values() ?? []) key.fill(0);
    this.ring = null;
  }

  private wrap(ring: Keyring, dataKey: Buffer, context: EncryptionContext): WrappedKey {
    const key = ring.keys.get(ring.current)!;
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(wrapAad(ring.id, ring.current, context));
    const bytes = Buffer.concat([nonce, cipher.update(dataKey), cipher.final(), cipher.getAuthTag()]);
    return { bytes, keyId: ring.id, keyVersion: ring.current };
  }

  /** The keyring as it is now: re-read when the file was replaced. */
  private async fresh(): Promise<Keyring> {
    if (this.ring && 'file' in this.source) {
      const stamp = await fileStamp(this.source.file).catch(() => null);
      if (stamp === this.ring.stamp) return this.ring;
    } else if (this.ring) {
      return this.ring;
    }
    return this.load();
  }

  private async load(): Promise<Keyring> {
    this.loading ??= readKeyring(this.source).finally(() => {
      this.loading = null;
    });
    this.ring = await this.loading;
    return this.ring;
  }
}

function wrapAad(keyId: string, keyVersion: number, context: EncryptionContext): Buffer {
  return Buffer.concat([Buffer.from(`${keyId}#${keyVersion}\n`, 'utf8'), contextBytes(context)]);
}

async function readKeyring(source: KeyringSource): Promise<Keyring> {
  if ('text' in source) return { ...parseText(source.text), stamp: 'environment' };
  try {
    return await readKeyringFile(source.file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  await mkdir(dirname(source.file), { recursive: true });
  const fresh = {
    id: `local-${randomBytes(6).toString('hex')}`,
    current: 1,
    keys: new Map([[1, randomBytes(DATA_KEY_BYTES)]]),
  };
  // two processes that start together must agree on one keyring: only one creation wins
  await writeKeyring(source.file, fresh, { onlyIfAbsent: true });
  return readKeyringFile(source.file);
}

async function readKeyringFile(file: string): Promise<Keyring> {
  const info = await stat(file);
  if ((info.mode & 0o077) !== 0) {
    throw new KeyringError(
      `${file} can be read by others (mode ${(info.mode & 0o777).toString(8)}); run chmod 600 on it`,
    );
  }
  const stamp = await fileStamp(file);
  let parsed: { id?: unknown; current?: unknown; keys?: unknown };
  try {
    parsed = JSON.parse(await readFile(file, 'utf8')) as typeof parsed;
  } catch {
    throw new KeyringError(`${file} is not a keyring`);
  }
  const keys = new Map<number, Buffer>();
  for (const [version, encoded] of Object.entries((parsed.keys ?? {}) as Record<string, string>)) {
    keys.set(Number(version), decodeKey(encoded));
  }
  if (typeof parsed.id !== 'string' || typeof parsed.current !== 'number' || !keys.has(parsed.current)) {
    throw new KeyringError(`${file} is not a keyring`);
  }
  return { id: parsed.id, current: parsed.current, keys, stamp };
}

/** `1:<base64>,2:<base64>`: the highest version is current. */
function parseText(text: string): { id: string; current: number; keys: Map<number, Buffer> } {
  const keys = new Map<number, Buffer>();
  for (const part of text.split(',')) {
    const match = /^\s*([1-9]\d{0,5}):([A-Za-z0-9+/]+=*)\s*$/.exec(part);
    if (!match) throw new KeyringError('the environment’s keyring must read 1:<base64>,2:<base64>');
    keys.set(Number(match[1]), decodeKey(match[2]!));
  }
  return { id: 'local-environment', current: Math.max(...keys.keys()), keys };
}

function decodeKey(encoded: string): Buffer {
  const key = Buffer.from(encoded, 'base64');
  if (key.length !== DATA_KEY_BYTES) throw new KeyringError('a key must be 32 bytes in base64');
  return key;
}

async function fileStamp(file: string): Promise<string> {
  const info = await stat(file, { bigint: true });
  return `${info.ino}:${info.mtimeNs}`;
}

/** Atomic: a reader sees the old file or the new one, and a crash leaves one of them. */
async function writeKeyring(
  file: string,
  ring: { id: string; current: number; keys: ReadonlyMap<number, Buffer> },
  options: { onlyIfAbsent?: boolean } = {},
): Promise<void> {
  const body = {
    id: ring.id,
    current: ring.current,
    keys: Object.fromEntries([...ring.keys].map(([version, key]) => [version, key.toString('base64')])),
  };
  const temporary = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(body, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  if (options.onlyIfAbsent) {
    try {
      await link(temporary, file);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    } finally {
      await unlink(temporary);
    }
  } else {
    await rename(temporary, file);
  }
  const directory = await open(dirname(file), 'r');
  await directory.sync().finally(() => directory.close());
}
