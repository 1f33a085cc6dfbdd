import { spawn } from 'node:child_process';
import { platform } from 'node:os';

/** What the operating system keeps secrets in. */
export interface Keychain {
  readonly name: string;
  /** False where it does not take it. */
  store(account: string, secret: string): Promise<boolean>;
  find(account: string): Promise<string | null>;
  remove(account: string): Promise<void>;
}

const SERVICE = 'interlock-cli';

/** Secrets go over standard input, never over arguments, which every process may read. */
const SECRET_SERVICE: Keychain = {
  name: 'the secret service of this session',
  store: async (account, secret) => {
    const args = ['store', `--label=Interlock at ${account}`, 'service', SERVICE, 'account', account];
    return (await run('secret-tool', args, secret)) !== null;
  },
  find: (account) => run('secret-tool', ['lookup', 'service', SERVICE, 'account', account]),
  remove: async (account) => void (await run('secret-tool', ['clear', 'service', SERVICE, 'account', account])),
};

const MAC_KEYCHAIN: Keychain = {
  name: 'the keychain',
  store: async (account, secret) => {
    // it reads commands of its own from standard input, where a quote would end an argument
    if (/["\\\s]/.test(account + secret)) return false;
    const command = `add-generic-password -U -s ${SERVICE} -a "${account}" -w "${secret}"\n`;
    return (await run('security', ['-i'], command)) !== null && (await MAC_KEYCHAIN.find(account)) === secret;
  },
  find: (account) => run('security', ['find-generic-password', '-s', SERVICE, '-a', account, '-w']),
  remove: async (account) => void (await run('security', ['delete-generic-password', '-s', SERVICE, '-a', account])),
};

/** Null where there is none that is known. */
export function keychainOf(system: string = platform()): Keychain | null {
  if (system === 'darwin') return MAC_KEYCHAIN;
  return system === 'linux' ? SECRET_SERVICE : null;
}

/** What a program prints; null where it is missing, fails, or waits for somebody who is not there. */
function run(program: string, args: readonly string[], input = ''): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'], timeout: 30_000 });
    let output = '';
    child.once('error', () => resolve(null));
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
    child.once('close', (code) => resolve(code === 0 ? output.trim() : null));
    child.stdin.on('error', () => resolve(null));
    child.stdin.end(input);
  });
}
