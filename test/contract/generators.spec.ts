import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const root = path.resolve(__dirname, '../..');
const inPackage = (name: string) => path.join(root, 'node_modules', name);
const DOCUMENTS = { public: 'openapi.json', admin: 'openapi-admin.json' } as const;

const COMPILER = {
  strict: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
  target: 'es2022',
  lib: ['es2022', 'dom', 'dom.iterable'],
  module: 'esnext',
  moduleResolution: 'bundler',
  types: [],
};

/** What callers do with what a generator made, and what it must not let them do. */
const PROGRAMS = {
  'openapi-typescript': `
    import type { components, paths } from './public';
    type Body<P extends keyof paths> = paths[P] extends { post: { requestBody: { content: { 'application/json': infer B } } } } ? B : never;
    export const activate: Body<'/v2/integrations/{provider}/activate'> = {
      credentials: { apiKey: 'k', baseUrl: 'https://clinic.example.com' },
    };
    // @ts-expect-error without credentials nothing is activated
    export const empty: Body<'/v2/integrations/{provider}/activate'> = {};
    export function totalOf(record: components['schemas']['SyncedRecord']): number {
      // @ts-expect-error only invoices have a total
      record.data.totalMinor;
      return record.resourceType === 'invoices' ? record.data.totalMinor : 0;
    }
    export function whatNow(error: components['schemas']['ErrorBody']): boolean {
      return error.code === 'sync_paused' && error.nextAction === 'resume_sync';
    }`,
  '@hey-api/openapi-ts': `
    import { activateIntegration, authenticate, listRecords } from './public';
    export async function connect(): Promise<number> {
      await authenticate({ body: { api_key: 'k', secret_key: 's' } });
      await activateIntegration({
        path: { provider: 'practicehub' },
        body: { credentials: { apiKey: 'k', baseUrl: 'https://clinic.example.com' } },
      });
      // @ts-expect-error a provider must be named
      await activateIntegration({ body: {} });
      const { data } = await listRecords({ path: { provider: 'practicehub', resourceType: 'invoices' } });
      let total = 0;
      for (const record of data?.data ?? []) {
        // @ts-expect-error only invoices have a total
        record.data.totalMinor;
        if (record.resourceType === 'invoices') total += record.data.totalMinor;
      }
      return total;
    }`,
} as const;

const GENERATE = {
  'openapi-typescript': (document: string, into: string) => [
    inPackage('openapi-typescript/bin/cli.js'),
    document,
    '-o',
    `${into}.ts`,
  ],
  '@hey-api/openapi-ts': (document: string, into: string) => [
    inPackage('@hey-api/openapi-ts/bin/run.js'),
    '--input',
    document,
    '--output',
    into,
    '--no-log-file',
  ],
} as const;

describe.each(Object.keys(PROGRAMS) as (keyof typeof PROGRAMS)[])('what %s makes of the documents', (generator) => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'interlock-generators-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, TMPDIR: folder },
    });
    return { status, output: status === 0 ? '' : `${stdout}${stderr}` };
  };

  it('compiles strictly with its default settings, and so do programs that use it', () => {
    for (const [surface, file] of Object.entries(DOCUMENTS)) {
      const made = run(...GENERATE[generator](path.join(root, file), path.join(folder, surface)));
      expect(made).toEqual({ status: 0, output: '' });
    }
    writeFileSync(path.join(folder, 'program.ts'), PROGRAMS[generator]);
    writeFileSync(
      path.join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: COMPILER, include: ['**/*.ts'] }),
    );
    expect(run(inPackage('typescript/bin/tsc'), '-p', folder)).toEqual({ status: 0, output: '' });
  }, 120_000);
});
