import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expiringCertificates } from './certificate-expiry';

const DAY_MS = 86_400_000;

describe('certificates of the configuration', () => {
  let folder: string;
  const at = (name: string) => path.join(folder, name);
  const make = (name: string, days: number) =>
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-days',
        String(days),
        '-subj',
        '/CN=x',
        '-keyout',
        at('key'),
        '-out',
        at(name),
      ],
      { stdio: 'pipe' },
    );

  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'interlock-certificates-'));
    make('short', 10);
    make('long', 100);
    writeFileSync(at('both'), readFileSync(at('long'), 'utf8') + readFileSync(at('short'), 'utf8'));
    writeFileSync(at('none'), 'no certificate');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('are told before they end, the first one of each file', async () => {
    const files = { A: at('short'), B: at('long'), C: at('both'), D: at('none'), E: at('missing'), F: null };
    const names = async (days: number) =>
      (await expiringCertificates(files, new Date(Date.now() + days * DAY_MS))).map(({ variable }) => variable);
    expect(await names(9)).toEqual([]);
    expect(await names(11)).toEqual(['A', 'C']);
    expect(await names(101)).toEqual(['A', 'B', 'C']);
  });
});
