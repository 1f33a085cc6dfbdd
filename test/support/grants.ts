import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse, stringify } from 'yaml';

const EXAMPLE = readFileSync(path.resolve(__dirname, '../../examples/providers/acme.yaml'), 'utf8');
const CLIENT_SECRET = 'canary-client-secret-/+%';

/** The example's provider, to which merchants give their consent at a real authorization server. */
export function grantManifest(): string {
  const manifest = parse(EXAMPLE);
  const [clients] = manifest.streams;
  const paging = { by: 'offset', parameter: 'offset', size: 5, sizeParameter: 'limit', more: 'has_more' };
  const field = (title: string, more: object) => ({ title, description: `${title}.`, example: 'x', ...more });
  return stringify({
    ...manifest,
    auth: {
      kind: 'oauth2_authorization_code',
      tokenEndpoint: { path: '/token' },
      clientId: 'the platform',
      clientSecret: '{clientSecret}',
    },
    headers: {},
    credentials: {
      account: field('Account', { identifies: true }),
      clientSecret: field('Client secret', { secret: true }),
      refreshToken: field('Refresh token', { secret: true }),
    },
    baseUrl: { ...manifest.baseUrl, segment: undefined },
    rate: { perSecond: 200, burst: 200, per: 'key' },
    streams: [{ ...clients, path: '/clients', paging, changedSince: undefined, one: undefined }],
  });
}

export interface GrantServer {
  readonly url: string;
  readonly clientSecret: string;
  /** The refresh token of a new consent. */
  consent(account: string): Promise<string>;
  /** `lost`: answers to refreshes that get lost on the wire; `failing`: with 502; `refreshMs`: how long each takes. */
  faults(next: Partial<Record<'lost' | 'failing' | 'refreshMs', number>>): Promise<void>;
  counted(): Promise<Record<'refreshes' | 'refused' | 'ended' | 'unauthorized', number>>;
  stop(): Promise<void>;
}

/** oidc-provider with rotating refresh tokens, and its API: `rows` people, `delayMs` for each page of five. */
export async function startGrantServer({ rows, delayMs }: { rows: number; delayMs: number }): Promise<GrantServer> {
  const file = path.resolve(__dirname, 'identity-provider/grant-server.mjs');
  const server: ChildProcess = fork(file, [CLIENT_SECRET, String(rows), String(delayMs)], {
    execArgv: [],
    silent: true,
  });
  const [{ origin: url }] = (await once(server, 'message')) as [{ origin: string }];
  const ask = async (place: string) => (await fetch(url + place)).json() as Promise<any>;
  return {
    url,
    clientSecret: CLIENT_SECRET,
    consent: async (account) => (await ask(`/consent?of=${account}`)).token,
    faults: (next) => ask(`/faults?${new URLSearchParams(next as Record<string, string>).toString()}`),
    counted: () => ask('/counted'),
    stop: async () => {
      const gone = once(server, 'exit');
      server.kill('SIGKILL');
      await gone;
    },
  };
}
