import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { GuardedHttpClient, type RateBudget } from '../../src/platform/outbound';
import type { PageRequest, ProviderCall } from '../../src/providers';
import { ManifestAdapter, readManifest } from '../../src/providers/manifest';

const EXAMPLE = readFileSync(path.resolve(__dirname, '../../examples/providers/acme.yaml'), 'utf8');

/** The whole list, from its beginning. */
export const FULL_SCAN: PageRequest = {
  ...{ scan: 'full', since: null, floor: null, position: null },
  asStored: (rows) => Promise.resolve(rows.map(() => false)),
};

/** The example’s manifest, `more` in place of its members and `list` in place of those of its first list. */
export function exampleText(more: object = {}, list: object = {}): string {
  const manifest = parse(EXAMPLE) as { streams: object[] };
  return stringify({ ...manifest, streams: [{ ...manifest.streams[0], ...list }], ...more });
}

export function exampleAdapter(more: object = {}, list: object = {}): ManifestAdapter {
  const { manifest, faults } = readManifest(exampleText(more, list));
  if (!manifest) throw new Error(JSON.stringify(faults));
  return new ManifestAdapter(manifest, { liveHostSuffixes: null });
}

interface CallOptions {
  readonly fields?: Readonly<Record<string, string>>;
  readonly budget?: RateBudget;
  readonly mayDispatch?: () => void;
}

/** A server that answers as a test says: by the path and query that it is asked for. */
export async function startManifestServer() {
  const told = { asked: [] as string[], answer: (_path: string): [number, string | Buffer] => [200, '{}'] };
  const server = createServer((request, response) => {
    told.asked.push(request.url!);
    const [status, body] = told.answer(request.url!);
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const http = new GuardedHttpClient({ allowPrivate: true, sleep: () => Promise.resolve() });
  return {
    told,
    url,
    callOf({ fields = {}, budget, mayDispatch }: CallOptions = {}): ProviderCall {
      const { signal } = new AbortController();
      const bound = { allowedHostSuffixes: null, exemptPrefix: null, signal, budget: budget ?? null, mayDispatch };
      const credentials = { baseUrl: url, apiKey: 'canary-key-1', location: '17', password: 'canary-pw', ...fields };
      const settings = { currency: 'GBP', timezone: null };
      return { credentials, environment: 'sandbox', settings, http: http.bind(bound), signal };
    },
    async close(): Promise<void> {
      await http.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type ManifestServer = Awaited<ReturnType<typeof startManifestServer>>;
