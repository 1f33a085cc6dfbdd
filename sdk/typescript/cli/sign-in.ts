import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { InterlockError } from '../src';
import { NotSignedInError } from './exit-code';
import { keychainOf } from './keychain';

export const DEFAULT_URL = 'http://localhost:3000';
/** Somebody waits: some seconds of trouble are bridged, and not minutes. */
export const MAX_RETRIES = 4;

/** Where the service is, and the key to call it with. */
export interface SignIn {
  readonly url: string;
  readonly apiKey: string;
}

interface Stored {
  readonly url: string;
  /** Only where there is no keychain. */
  readonly apiKey?: string;
}

/** From the environment, else as `interlock login` has stored it. */
export async function readSignIn(urlOption: string | undefined): Promise<SignIn> {
  const { INTERLOCK_URL, INTERLOCK_API_KEY } = process.env;
  const stored = await read();
  const url = urlOption ?? INTERLOCK_URL ?? stored?.url ?? DEFAULT_URL;
  if (INTERLOCK_API_KEY) return { url, apiKey: INTERLOCK_API_KEY };
  // a key goes nowhere but where it was stored for
  const isOurs = stored !== null && stored.url === url;
  const apiKey = isOurs ? (stored.apiKey ?? (await keychainOf()?.find(url))) : null;
  if (!apiKey) throw new NotSignedInError(`There is no key for ${url}: run interlock login, or set INTERLOCK_API_KEY.`);
  return { url, apiKey };
}

/** Returns where it is kept. */
export async function storeSignIn({ url, apiKey }: SignIn): Promise<string> {
  const keychain = keychainOf();
  if (keychain && (await keychain.store(url, apiKey))) {
    await write({ url });
    return keychain.name;
  }
  await write({ url, apiKey });
  return file();
}

/** False where there was nothing. */
export async function forgetSignIn(): Promise<boolean> {
  const stored = await read();
  if (stored === null) return false;
  if (stored.apiKey === undefined) await keychainOf()?.remove(stored.url);
  await rm(file());
  return true;
}

function file(): string {
  const { XDG_CONFIG_HOME, APPDATA } = process.env;
  return path.join(XDG_CONFIG_HOME || APPDATA || path.join(homedir(), '.config'), 'interlock', 'sign-in.json');
}

async function read(): Promise<Stored | null> {
  try {
    return JSON.parse(await readFile(file(), 'utf8')) as Stored;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new InterlockError(`${file()} cannot be read: run interlock login again.`, { cause: error });
  }
}

/** Readable by its owner alone from its first moment. */
async function write(stored: Stored): Promise<void> {
  const target = file();
  await mkdir(path.dirname(target), { recursive: true, mode: 0o700 });
  const draft = `${target}.${process.pid}`;
  await writeFile(draft, JSON.stringify(stored), { mode: 0o600 });
  await chmod(draft, 0o600);
  await rename(draft, target);
}
