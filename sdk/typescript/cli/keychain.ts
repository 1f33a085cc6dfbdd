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

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Null where there is none that is known. Secrets go over standard input, never over arguments, which every process may
 * read.
 */
export function keychainOf(env: Environment, system: string = platform()): Keychain | null {
  if (system === 'darwin') return macKeychain(env);
  return system === 'linux' ? secretService(env) : null;
}

function secretService(env: Environment): Keychain {
  const named = (account: string): string[] => ['service', SERVICE, 'account', account];
  return {
    name: 'the secret service of this session',
    store: async (account, secret) => {
      const args = ['store', `--label=Interlock at ${account}`, ...named(account)];
      return (await run('secret-tool', args, env, secret)) !== null;
    },
    find: (account) => run('secret-tool', ['lookup', ...named(account)], env),
    remove: async (account) => void (await run('secret-tool', ['clear', ...named(account)], env)),
  };
}

function macKeychain(env: Environment): Keychain {
  const named = (account: string): string[] => ['-s', SERVICE, '-a', account];
  const find = (account: string) => run('security', ['find-generic-password', ...named(account), '-w'], env);
  return {
    name: 'the keychain',
    store: async (account, secret) => {
      // it reads commands of its own from standard input, where a quote would end an argument
      if (/["\\\s]/.test(account + secret)) return false;
      const command = `add-generic-password -U -s ${SERVICE} -a "${account}" -w "${secret}"\n`;
      return (await run('security', ['-i'], env, command)) !== null && (await find(account)) === secret;
    },
    find,
    remove: async (account) => void (await run('security', ['delete-generic-password', ...named(account)], env)),
  };
}

/** What a program prints; null where it is missing, fails, or waits for somebody who is not there. */
function run(program: string, args: readonly string[], env: Environment, input = ''): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { env: { ...env }, stdio: ['pipe', 'pipe', 'ignore'], timeout: 30_000 });
    let output = '';
    child.once('error', () => resolve(null));
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
    child.once('close', (code) => resolve(code === 0 ? output.trim() : null));
    child.stdin.on('error', () => resolve(null));
    child.stdin.end(input);
  });
}
