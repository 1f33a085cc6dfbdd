import { randomBytes } from 'node:crypto';
import { link, mkdir, open, rename, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { InterlockError } from '../../platform/errors';
import { DATA_KEY_BYTES } from '../envelope';
import type { KeyVersion } from '../key-management';

const VERSION_FORM = /^[1-9]\d{0,5}$/;
const BASE64_FORM = /^[A-Za-z0-9+/]{43}=$/;

/** Where the keys lie: a file that belongs to this user alone, or the environment. */
export type KeyringSource = { readonly file: string } | { readonly text: string };

export interface Keyring {
  readonly id: string;
  readonly current: number;
  readonly keys: ReadonlyMap<number, Buffer>;
  /** File identity, to notice a rotation by another process. */
  readonly stamp: string;
}

/** For the operator: names the file and what to do, never a key. */
export class KeyringError extends InterlockError {
  constructor(problem: string, cause?: unknown) {
    super('conflict', { message: `keyring: ${problem}`, cause });
    this.name = 'KeyringError';
  }
}

/** `mayCreate`: asked when the file is not there. */
export async function readKeyring(
  source: KeyringSource,
  options: { mayCreate: () => Promise<boolean> },
): Promise<Keyring> {
  if ('text' in source) return { ...parseText(source.text), stamp: 'environment' };
  try {
    return await readKeyringFile(source.file);
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error;
    if (!(await options.mayCreate())) throw new KeyringError(`${source.file} is not there`, error);
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
  const handle = await open(file, 'r');
  try {
    const info = await handle.stat({ bigint: true });
    const mode = Number(info.mode & 0o777n);
    if ((mode & 0o077) !== 0) {
      throw new KeyringError(`${file} can be read by others (mode ${mode.toString(8)}); run chmod 600 on it`);
    }
    return { ...parseFile(file, await handle.readFile('utf8')), stamp: stampOf(info) };
  } finally {
    await handle.close();
  }
}

function parseFile(file: string, text: string): Omit<Keyring, 'stamp'> {
  let parsed: { id?: unknown; current?: unknown; keys?: unknown } | null;
  try {
    parsed = JSON.parse(text) as typeof parsed;
  } catch {
    throw new KeyringError(`${file} is not a keyring`);
  }
  const keys = new Map<number, Buffer>();
  for (const [version, encoded] of Object.entries((parsed?.keys ?? {}) as Record<string, unknown>)) {
    if (!VERSION_FORM.test(version)) throw new KeyringError(`${file} is not a keyring`);
    keys.set(Number(version), decodeKey(encoded));
  }
  if (typeof parsed?.id !== 'string' || typeof parsed.current !== 'number' || !keys.has(parsed.current)) {
    throw new KeyringError(`${file} is not a keyring`);
  }
  return { id: parsed.id, current: parsed.current, keys };
}

/**
 * Only one process at a time: of two versions with one number, one would be lost, and every secret under it. A lock
 * that a crash left behind is an error that names it.
 */
export async function addKeyVersion(file: string): Promise<KeyVersion> {
  const lock = `${file}.lock`;
  try {
    await (await open(lock, 'wx', 0o600)).close();
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
    throw new KeyringError(`${lock} exists: another rotation is under way, or one was interrupted (then remove it)`);
  }
  try {
    const ring = await readKeyringFile(file);
    const version = Math.max(...ring.keys.keys()) + 1;
    const keys = new Map(ring.keys).set(version, randomBytes(DATA_KEY_BYTES));
    await writeKeyring(file, { id: ring.id, current: version, keys });
    return { keyId: ring.id, keyVersion: version };
  } finally {
    await unlink(lock);
  }
}

/** `1:<base64>,2:<base64>`: the highest version is current. */
function parseText(text: string): Omit<Keyring, 'stamp'> {
  const keys = new Map<number, Buffer>();
  for (const part of text.split(',')) {
    const [version = '', encoded, ...rest] = part.trim().split(':');
    if (!VERSION_FORM.test(version) || rest.length > 0) {
      throw new KeyringError('the environment’s keyring must read 1:<base64>,2:<base64>');
    }
    if (keys.has(Number(version))) throw new KeyringError(`version ${version} stands twice`);
    keys.set(Number(version), decodeKey(encoded));
  }
  return { id: 'local-environment', current: Math.max(...keys.keys()), keys };
}

function decodeKey(encoded: unknown): Buffer {
  const key = typeof encoded === 'string' && BASE64_FORM.test(encoded) ? Buffer.from(encoded, 'base64') : null;
  if (key?.length !== DATA_KEY_BYTES) throw new KeyringError('a key must be 32 bytes in base64');
  return key;
}

function stampOf(info: { ino: bigint; mtimeNs: bigint }): string {
  return `${info.ino}:${info.mtimeNs}`;
}

/** null when the file is not there, or cannot be looked at just now. */
export async function fileStamp(file: string): Promise<string | null> {
  try {
    return stampOf(await stat(file, { bigint: true }));
  } catch {
    return null;
  }
}

function isCode(error: unknown, code: string): boolean {
  return (error as NodeJS.ErrnoException | null)?.code === code;
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
      if (!isCode(error, 'EEXIST')) throw error;
    } finally {
      await unlink(temporary);
    }
  } else {
    await rename(temporary, file);
  }
  const directory = await open(dirname(file), 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
