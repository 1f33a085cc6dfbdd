import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { GuardedHttpClient } from '../../src/platform/outbound';
import { checkedCredentials, dryRun, readManifest, servedManifest, type ProviderCall } from '../../src/providers';

const EXAMPLE = readFileSync(path.resolve(__dirname, '../../examples/providers/acme.yaml'), 'utf8');
const SECRET = 'a secret with / and + and %';
const ROWS = 120;
const PAGE = 5;
/** 24 pages take as long as three tokens, and more. */
const DELAY_MS = 270;

/** The example's provider, which takes tokens of OAuth. */
function manifestText(): string {
  const manifest = parse(EXAMPLE);
  const [clients] = manifest.streams;
  const paging = { by: 'offset', parameter: 'offset', size: PAGE, sizeParameter: 'limit', more: 'has_more' };
  return stringify({
    ...manifest,
    auth: {
      kind: 'oauth2_client_credentials',
      tokenEndpoint: { path: '/token' },
      clientId: '{clientId}',
      clientSecret: '{clientSecret}',
      scope: 'clients:read',
    },
    headers: {},
    credentials: {
      clientId: { title: 'Client ID', description: 'Of the application.', example: 'acme-1', identifies: true },
      clientSecret: { title: 'Client secret', description: 'Of the application.', example: 's', secret: true },
    },
    baseUrl: { ...manifest.baseUrl, segment: undefined },
    streams: [{ ...clients, path: '/clients', paging, one: undefined }],
  });
}

describe('a manifest with client credentials, at a real authorization server', () => {
  let server: ChildProcess;
  let origin: string;
  let http: GuardedHttpClient;
  beforeAll(async () => {
    const file = path.resolve(__dirname, '../support/identity-provider/token-server.mjs');
    server = fork(file, [SECRET, String(ROWS), String(DELAY_MS)], { execArgv: [], silent: true });
    [{ origin }] = (await once(server, 'message')) as [{ origin: string }];
    http = new GuardedHttpClient({ allowPrivate: true });
  });
  afterAll(async () => {
    await http?.close();
    const gone = once(server, 'exit');
    server.kill('SIGKILL');
    await gone;
  });

  const { manifest, faults } = readManifest(manifestText());
  const { entry, adapter } = servedManifest(manifest!, 'folder', undefined);
  function callOf(clientSecret: string): ProviderCall {
    const { signal } = new AbortController();
    const sent = checkedCredentials(entry, { clientId: 'the client', clientSecret, baseUrl: origin });
    return {
      credentials: adapter.normaliseCredentials(sent, 'sandbox'),
      environment: 'sandbox',
      settings: { currency: 'GBP', timezone: null },
      http: http.bind({ allowedHostSuffixes: null, exemptPrefix: null, signal, budget: null }),
      signal,
    };
  }

  it('asks for no API key', () => {
    expect(faults).toEqual([]);
    expect(entry.credentialSchema).toMatchObject({ required: ['clientId', 'clientSecret'] });
  });

  it('reads a list to its end, for longer than its tokens live', async () => {
    const call = callOf(SECRET);
    expect(await adapter.testCredentials(call)).toEqual({ accountId: '4711' });
    const began = performance.now();
    const { records, complete } = await dryRun(adapter.streams[0]!, call, 100);
    expect(complete).toBe(true);
    expect(records.map(({ externalId }) => externalId)).toEqual(
      Array.from({ length: ROWS }, (_, index) => `c${index}`),
    );
    const { logins, refused } = (await (await fetch(`${origin}/counted`)).json()) as Record<string, number>;
    expect(logins).toBeGreaterThanOrEqual(4);
    // a token serves for a second, unless this machine stands still and it is refused
    expect(logins! - refused!).toBeLessThanOrEqual((performance.now() - began) / 1_000 + 2);
  }, 60_000);

  it('says that a wrong secret is rejected', async () => {
    await expect(adapter.testCredentials(callOf('wrong'))).rejects.toMatchObject({ verdict: 'auth', status: 401 });
  });
});
