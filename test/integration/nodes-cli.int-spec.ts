import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { run } from '../../src/cli/program';
import { migratedDatabase, type TestDatabase } from '../support/database';

describe('cli node', () => {
  let database: TestDatabase;
  let dataDir: string;

  beforeAll(async () => {
    database = await migratedDatabase();
    dataDir = await mkdtemp(path.join(os.tmpdir(), 'interlock-cli-node-'));
  });
  afterAll(async () => {
    await database?.drop();
    await rm(dataDir, { recursive: true, force: true });
  });

  async function cli(...args: string[]): Promise<{ code: number; result: any; text: string }> {
    const before = process.env;
    process.env = { PATH: before['PATH'], DATA_DIR: dataDir, DATABASE_URL: database.url };
    let out = '';
    let err = '';
    const stdout = jest.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true));
    const stderr = jest.spyOn(process.stderr, 'write').mockImplementation((text) => ((err += String(text)), true));
    try {
      const code = await run(['--json', ...args]);
      return { code, result: out.startsWith('{') || out.startsWith('[') ? JSON.parse(out) : null, text: out + err };
    } finally {
      stdout.mockRestore();
      stderr.mockRestore();
      process.env = before;
    }
  }

  it('makes nodes and their keys, replaces a secret, ends a key', async () => {
    const root = (await cli('node', 'create', '--name', 'root', '--type', 'organization')).result;
    const child = (await cli('node', 'create', '--name', 'child', '--parent', root.id)).result;
    expect(child).toMatchObject({ type: 'account', path: `/${root.id}/${child.id}/` });
    expect((await cli('node', 'list')).result).toEqual([root, child]);

    const create = ['node', 'key', 'create', '--node', child.id, '--name', 'backend', '--permission', 'sync.read'];
    const made = await cli(...create, '--permission', 'nodes.read', '--expires-in-days', '1');
    expect(made.result).toMatchObject({ permissions: ['sync.read', 'nodes.read'] });
    expect(made.result.secret).toMatch(/^sk-apex_/);
    const rotated = await cli('node', 'key', 'rotate', made.result.id);
    expect(rotated.result.secret).not.toBe(made.result.secret);
    const listed = await cli('node', 'key', 'list', '--node', child.id);
    expect(listed.result).toHaveLength(1);
    expect(listed.text).not.toContain('sk-apex_');
    expect((await cli('node', 'key', 'delete', made.result.id)).code).toBe(0);
    expect((await cli('node', 'key', 'list', '--node', child.id)).result).toEqual([]);
  }, 60_000);

  it('says what is wrong', async () => {
    for (const args of [
      ['node', 'create', '--name', ' '],
      ['node', 'create', '--name', 'x', '--type', 'team'],
      ['node', 'create', '--name', 'x', '--parent', '00000000-0000-4000-8000-000000000000'],
      ['node', 'key', 'create', '--node', '00000000-0000-4000-8000-000000000000', '--name', 'x'],
    ]) {
      const { code, result, text } = await cli(...args);
      expect([code, result]).toEqual([1, null]);
      expect(text).toMatch(/must be|not found/);
      expect(text).not.toMatch(/^\s+at /m);
    }
  }, 60_000);
});
