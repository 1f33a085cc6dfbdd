import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { run } from '../../src/cli/program';
import { GuardedHttpClient } from '../../src/platform/outbound';
import { BUILT_IN_IDS, PROVIDER_FACTS, type BuiltInId } from '../../src/providers';
import { createSandbox, startSandboxServer, type SandboxServer } from '../../src/sandbox';
import { checkedAccount } from '../support/provider-check';

const NAMES = ['Quenby Zorblatt', 'Ysolde Vantreight', 'Wim Oxnard'];
const CANARY = /quenby|zorblatt|ysolde|vantreight|oxnard|canary|zorb/i;

/** A small generator, so that a failure can be repeated by its seed. */
function draws(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * Rows in which everything is somebody's: in values of known fields, in unknown ones, in keys, one and two levels down.
 */
function canaryRows(id: BuiltInId, seed: number, count: number): object[] {
  const draw = draws(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(draw() * list.length)]!;
  const known = Object.values(PROVIDER_FACTS[id]!.lists).flatMap(({ fields }) =>
    fields.filter((name) => !/[.[]/.test(name)),
  );
  const personal = (): string => {
    const name = pick(NAMES);
    const email = `${name.replace(' ', '.').toLowerCase()}@canary.example`;
    return pick([
      name,
      email,
      `CANARY note on ${name}`,
      name.replace(' ', '_').toLowerCase(),
      `+44 20 canary`,
      name.split(' ')[1]!,
    ]);
  };
  const keys = NAMES.flatMap((name) => [
    ...[
      name,
      name.replace(' ', '_').toLowerCase(),
      name.replace(' ', ''),
      `${name[0]!.toLowerCase()}${name.slice(1).replace(' ', '')}`,
    ],
    ...[
      `${name.split(' ')[1]!.toLowerCase()}_balance_canary`,
      `${name.replace(' ', '.').toLowerCase()}@canary.example`,
    ],
  ]);
  const value = (): unknown =>
    pick<() => unknown>([
      personal,
      personal,
      personal,
      () => null,
      () => [personal(), { [pick(keys)]: personal(), number: personal(), iso2: personal() }],
      () => ({ [pick(keys)]: personal(), name: { [pick(keys)]: personal() } }),
    ])();
  return Array.from({ length: count }, (_, at) => ({
    ...Object.fromEntries(known.filter(() => draw() < 0.8).map((name) => [name, value()])),
    // in every row, so that no rule that counts rows keeps them out
    ...Object.fromEntries(keys.slice(0, 6).map((key) => [key, personal()])),
    [pick(keys)]: value(),
    id: draw() < 0.5 ? at + 1 : `row-${at}`,
    note: NAMES.join(' and ') + ' canary balance',
  }));
}

function context(text: string): string | undefined {
  const at = CANARY.exec(text)?.index;
  return at === undefined ? undefined : text.slice(Math.max(0, at - 80), at + 40);
}

describe('what provider check tells', () => {
  let server: Server;
  let baseUrl: string;
  let answer: (list: object[]) => { status: number; body: unknown };
  let rows: object[] = [];
  let folder: string;
  let sandbox: SandboxServer;
  const client = new GuardedHttpClient({ allowPrivate: true, sleep: async () => undefined });
  const before = { ...process.env };

  const asLists = (list: object[]) => ({
    ...Object.fromEntries(['data', 'clients', 'memberships', 'invoices', 'locations'].map((name) => [name, list])),
    [NAMES[0]!]: NAMES[1],
    total_entries: NAMES[0],
    meta: { count: NAMES[1], [NAMES[2]!]: 1 },
    links: { next: null, previous: `https://${NAMES[0]}.canary.example` },
    pagination: { has_more: false, page: NAMES[1] },
  });

  beforeAll(async () => {
    server = createServer((_req, res) => {
      const { status, body } = answer(rows);
      const headers = {
        'content-type': 'application/json',
        'x-canary-quenby': 'zorblatt',
        date: new Date().toUTCString(),
      };
      res.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    folder = await mkdtemp(path.join(tmpdir(), 'interlock-check-'));
    sandbox = await startSandboxServer();
    Object.assign(process.env, { OUTBOUND_ALLOW_PRIVATE: 'true', DATA_DIR: folder });
  });
  afterAll(async () => {
    process.env = before;
    await client.close();
    await sandbox.close();
    await rm(folder, { recursive: true });
    await new Promise((done) => server.close(done));
  });

  async function cli(...args: string[]): Promise<{ code: number; out: string; err: string }> {
    const written = { out: '', err: '' };
    const out = jest.spyOn(process.stdout, 'write').mockImplementation((text) => ((written.out += String(text)), true));
    const err = jest.spyOn(process.stderr, 'write').mockImplementation((text) => ((written.err += String(text)), true));
    try {
      return { code: await run(args), ...written };
    } finally {
      out.mockRestore();
      err.mockRestore();
    }
  }
  async function keyFile(key: string): Promise<string> {
    const file = path.join(folder, 'key');
    await writeFile(file, `${key}\n`);
    return file;
  }

  it.each(BUILT_IN_IDS)(
    '%s: no value of a row, and no key that is somebody’s, is in a report',
    async (id) => {
      answer = (list) => ({ status: 200, body: asLists(list) });
      for (let seed = 1; seed <= 12; seed++) {
        rows = canaryRows(id, seed, [1, 3, 30, 100][seed % 4]!);
        const found = await checkedAccount(client, { id, baseUrl, apiKey: 'k', now: new Date() });
        expect([seed, context(JSON.stringify(found))]).toEqual([seed, undefined]);
        expect(found.report.lists).not.toEqual({});
      }
    },
    120_000,
  );

  it.each(BUILT_IN_IDS)(
    '%s: nor on the screen, in the file, or in an error; the key is nowhere',
    async (id) => {
      rows = canaryRows(id, 99, 50);
      answer = (list) => ({ status: 200, body: asLists(list) });
      const out = path.join(folder, `${id}.json`);
      const key = await keyFile('canary-key-zorblatt');
      for (const more of [[], ['--json']]) {
        const said = await cli(
          'provider',
          'check',
          id,
          '--base-url',
          baseUrl,
          '--key-file',
          key,
          '--out',
          out,
          ...more,
        );
        expect(said).toMatchObject({ code: 0, err: expect.stringContaining('The report is in') });
        expect(context(said.out + said.err + (await readFile(out, 'utf8')))).toBeUndefined();
      }
      const failures: [number, unknown][] = [
        [401, { message: NAMES[0], error: NAMES[1], UserMessage: NAMES[0] }],
        [403, { message: NAMES[0], APIError: { ErrorMessage: NAMES[0] } }],
        [200, `${NAMES[0]} is no JSON`],
      ];
      for (const [status, body] of failures) {
        answer = () => ({ status, body });
        const said = await cli('provider', 'check', id, '--base-url', baseUrl, '--key-file', key);
        expect(said.code).toBe(1);
        expect(context(said.out + said.err)).toBeUndefined();
      }
    },
    120_000,
  );

  it('prints a table: every fact with its words, certainty, what the account shows, and what the adapter does', async () => {
    const { path: where, apiKey } = sandbox.sandbox.credentials.terminal;
    sandbox.sandbox.terminal.configure({ variants: { paging: 'offset' } });
    const said = await cli(
      ...['provider', 'check', 'terminal', '--base-url', `${sandbox.url}${where}`, '--key-file', await keyFile(apiKey)],
    );
    const flat = said.out.replace(/\s+/g, ' ');
    for (const { id, words, certainty, adapter } of PROVIDER_FACTS.terminal!.facts) {
      for (const text of [`${id} ${certainty}`, words, adapter]) expect(flat).toContain(text);
    }
    expect(flat).toContain('paging owner differs: offset');
    expect(said.out + said.err).not.toContain(apiKey);
  });

  it('takes the key from a file, from standard input or from a person, and from nowhere else', async () => {
    const where = ['provider', 'check', 'terminal', '--base-url', baseUrl];
    expect(await cli(...where, '--key', 'secret')).toMatchObject({ code: 1 });
    expect((await cli(...where, '--key-file', path.join(folder, 'none'))).err).toContain(
      'The key file cannot be read.',
    );
    expect((await cli(...where)).err).toContain('The API key cannot be typed here');
  });

  it('reaches the hosts that a live key may lead to, and private addresses only where they are allowed', async () => {
    const at = (url: string) => cli('provider', 'check', 'practicehub', '--base-url', url, '--key-file', '/dev/null');
    process.env['OUTBOUND_ALLOW_PRIVATE'] = 'false';
    expect((await at(baseUrl)).err).toContain('OUTBOUND_ALLOW_PRIVATE=true lets this command reach stand-ins');
    expect((await at('https://clinic.example')).code).toBe(1);
    // a good address: the key is looked for next
    expect((await at('https://clinic.practicehub.io')).err).toContain('The API key is empty');
    process.env['OUTBOUND_ALLOW_PRIVATE'] = 'true';
  });

  it('replays a report until it is told to stop', async () => {
    const report = path.join(folder, 'report.json');
    const variants = { paging: 'offset', sideways: 'yes' };
    await writeFile(report, JSON.stringify({ provider: 'terminal', variants }));
    expect((await cli('provider', 'check', 'wodify', '--replay', report)).err).toContain('belongs to another provider');
    let printed = '';
    const out = jest.spyOn(process.stdout, 'write').mockImplementation((text) => ((printed += String(text)), true));
    const err = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const ended = run(['provider', 'check', 'terminal', '--replay', report, '--json']);
    while (!printed.includes('}')) await new Promise((next) => setTimeout(next, 20));
    out.mockRestore();
    err.mockRestore();
    const replayed = JSON.parse(printed) as { baseUrl: string; apiKey: string; notReplayed: string[] };
    expect(replayed.notReplayed).toEqual(['variant sideways: yes']);
    const found = await checkedAccount(client, { id: 'terminal', ...replayed, now: new Date() });
    expect(found.report.variants).toMatchObject({ paging: 'offset' });
    process.emit('SIGINT');
    expect(await ended).toBe(0);
    await expect(fetch(replayed.baseUrl)).rejects.toThrow();
  });

  it('has a simulator for every provider that it checks', () => {
    expect(Object.keys(PROVIDER_FACTS).filter((id) => !Object.hasOwn(createSandbox().credentials, id))).toEqual([]);
    expect(Object.keys(PROVIDER_FACTS).toSorted()).toEqual([...BUILT_IN_IDS].toSorted());
  });
});
