import { ApiError, Interlock } from '../../src';
import { textOption, type Command } from '../command';
import { DEFAULT_URL, forgetSignIn, MAX_RETRIES, storeSignIn, withoutSlash } from '../sign-in';

export const loginCommand: Command = {
  name: 'login',
  usage: '',
  summary: 'store an API key, in the keychain where there is one, else in a file for your eyes only',
  options: {},
  async run({ terminal, options, signal, env }) {
    const url = withoutSlash(textOption(options, 'url') ?? env['INTERLOCK_URL'] ?? DEFAULT_URL);
    const apiKey = await terminal.secret('API key');
    const interlock = new Interlock({ baseUrl: url, apiKey, maxRetries: MAX_RETRIES });
    try {
      for await (const _ of interlock.integrations.list({ limit: 1 }, { signal })) break;
    } catch (error) {
      // a key that may not do this is a key
      if (!(error instanceof ApiError) || error.code !== 'permission_denied') throw error;
    }
    const place = await storeSignIn(env, { url, apiKey });
    terminal.result({ url, storedIn: place }, `Signed in to ${url}. The key is in ${place}.`);
  },
};

export const logoutCommand: Command = {
  name: 'logout',
  usage: '',
  summary: 'forget the API key that login stored',
  options: {},
  async run({ terminal, env }) {
    const forgotten = await forgetSignIn(env);
    terminal.result(
      { forgotten },
      forgotten ? 'The key is forgotten here; it is still good.' : 'Nobody was signed in.',
    );
  },
};
