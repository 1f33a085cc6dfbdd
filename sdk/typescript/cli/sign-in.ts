import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { InterlockError } from '../src';
import { NotSignedInError } from './exit-code';
import { keychainOf } from './keychain';

export const DEFAULT_URL = 'http://localhost:3000';
/** Somebody waits: some seconds of trouble are bridged, and not minutes. */
export const MAX_RETRIES = 4;

type Environment = Readonly<Record<string, string | undefined>>;

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
export async function readSignIn(env: Environment, urlOption: string | undefined): Promise<SignIn> {
  const { INTERLOCK_URL, INTERLOCK_API_KEY } = env;
  const stored = await read(env);
  const url = withoutSlash(urlOption ?? INTERLOCK_URL ?? stored?.url ?? DEFAULT_URL);
  if (INTERLOCK_API_KEY) return { url, apiKey: INTERLOCK_API_KEY };
  // a key goes nowhere but where it was stored for
  const isOurs = stored !== null && stored.url === url;
  const apiKey = isOurs ? (stored.apiKey ?? (await keychainOf(env)?.find(url))) : null;
  if (!apiKey) throw new NotSignedInError(`There is no key for ${url}: run interlock login, or set INTERLOCK_API_KEY.`);
  return { url, apiKey };
}

/** As it is stored and compared. */
export function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}

/** Returns where it is kept. */
export async function storeSignIn(env: Environment, { url, apiKey }: SignIn): Promise<string> {
  const keychain = keychainOf(env);
  if (keychain && (await keychain.store(url, apiKey))) {
    await write(env, { url });
    return keychain.name;
  }
  await write(env, { url, apiKey });
  return fileIn(env);
}

/** False where there was nothing. */
export async function forgetSignIn(env: Environment): Promise<boolean> {
  const stored = await read(env);
  if (stored === null) return false;
  if (stored.apiKey === undefined) await keychainOf(env)?.remove(stored.url);
  await rm(fileIn(env));
  return true;
}

function fileIn({ XDG_CONFIG_HOME, APPDATA, HOME }: Environment): string {
  return path.join(XDG_CONFIG_HOME || APPDATA || path.join(HOME || homedir(), '.config'), 'interlock', 'sign-in.json');
}

async function read(env: Environment): Promise<Stored | null> {
  try {
    return JSON.parse(await readFile(fileIn(env), 'utf8')) as Stored;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new InterlockError(`${fileIn(env)} cannot be read: run interlock login again.`, { cause: error });
  }
}

/** Readable by its owner alone from its first moment. */
async function write(env: Environment, stored: Stored): Promise<void> {
  const target = fileIn(env);
  await mkdir(path.dirname(target), { recursive: true, mode: 0o700 });
  const draft = `${target}.${process.pid}`;
  await writeFile(draft, JSON.stringify(stored), { mode: 0o600 });
  await chmod(draft, 0o600);
  await rename(draft, target);
}
