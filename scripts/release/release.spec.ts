import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { root } from '../drift';
import { archive, sumsOf, writeSbom } from './artefacts';
import { differences } from './builds';
import { changelogSection } from './changelog';
import { provenanceOf } from './provenance';

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'interlock-release-spec-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string): void => {
  mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  writeFileSync(path.join(folder, name), text);
};

describe('the section of the changelog', () => {
  const changelog = '# Changelog\n\n## Unreleased\n\n- new\n\n## 0.2.0 – 2026-11-29\n\n- two\n\n## 0.1.0\n\n- one\n';

  it.each([
    ['Unreleased', '- new\n'],
    ['0.2.0', '- two\n'],
    ['0.1.0', '- one\n'],
    ['0.2', null],
  ])('of %s is %j', (version, text) => expect(changelogSection(changelog, version)).toBe(text));

  it('of this version exists', () => {
    const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
    expect(changelogSection(readFileSync(path.join(root, 'CHANGELOG.md'), 'utf8'), version)).toContain('- ');
  });
});

describe('an archive', () => {
  it('has the same bytes for the same files, whenever and with whichever mode they were written', () => {
    const made = ['one', 'other'].map((place, index) => {
      write(`${place}/app/b`, 'text b');
      write(`${place}/app/a/c`, 'text c');
      execFileSync('chmod', [index === 0 ? '600' : '664', path.join(folder, place, 'app/b')]);
      utimesSync(path.join(folder, place, 'app/b'), 1_000 * (index + 1), 1_000 * (index + 1));
      const file = path.join(folder, `${place}.tar.gz`);
      archive(file, path.join(folder, place, 'app'), 1_700_000_000);
      return readFileSync(file);
    });
    expect(made[0]!.equals(made[1]!)).toBe(true);
    const listed = execFileSync('tar', ['-tvzf', path.join(folder, 'one.tar.gz')], {
      encoding: 'utf8',
      env: { TZ: 'UTC' },
    });
    expect(listed).toMatch(/-rw-r--r-- 0\/0 +6 2023-11-14 22:13 app\/b/);
  });

  it('is checked by sha256sum', () => {
    write('one.txt', 'text');
    writeFileSync(path.join(folder, 'SHA256SUMS'), sumsOf(folder, ['one.txt']));
    const check = (): string =>
      execFileSync('sha256sum', ['--check', 'SHA256SUMS'], { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
    expect(check()).toBe('one.txt: OK\n');
    write('one.txt', 'other');
    expect(check).toThrow();
  });
});

it('differences of two folders are the files that one of them lacks or that have other bytes', () => {
  for (const [name, text] of [
    ['one/same', ''],
    ['two/same', ''],
    ['one/a/b', '1'],
    ['two/a/b', '2'],
    ['two/c', ''],
  ] as const)
    write(name, text);
  expect(differences(path.join(folder, 'one'), path.join(folder, 'two'))).toEqual(['a/b', 'c']);
});

describe('the list of packages', () => {
  it('names what the service runs with, by version and licence, and no host', () => {
    const file = path.join(folder, 'sbom.json');
    for (const name of ['package.json', 'package-lock.json', '.npmrc'])
      writeFileSync(path.join(folder, name), readFileSync(path.join(root, name)));
    writeSbom(file, folder);
    const text = readFileSync(file, 'utf8');
    const { bomFormat, specVersion, metadata, components, serialNumber } = JSON.parse(text) as {
      bomFormat: string;
      specVersion: string;
      serialNumber?: string;
      metadata: { timestamp?: string; component: { name: string } };
      components: { name: string; version: string; purl: string; licenses?: unknown[] }[];
    };
    expect([bomFormat, specVersion, metadata.component.name]).toEqual(['CycloneDX', '1.6', 'interlock']);
    // of the moment and of the process: two lists of one release would differ
    expect([serialNumber, metadata.timestamp]).toEqual([undefined, undefined]);
    const names = components.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['bullmq', 'pg', 'express', 'undici']));
    expect(names).not.toContain('jest');
    expect(components.every(({ version, purl }) => version !== '' && purl.startsWith('pkg:npm/'))).toBe(true);
    expect(text).not.toMatch(/registry|\.tgz/);
  }, 120_000);
});

it('the provenance names each artefact by its sum, and the commit and the lock file', () => {
  const source = { version: '1.0.0', commit: 'c', tag: 'v1.0.0', lockSha256: 'l', node: '24.0.0', npm: '11.0.0' };
  expect(provenanceOf(source, [{ name: 'a.tar.gz', sha256: 's' }])).toMatchObject({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'a.tar.gz', digest: { sha256: 's' } }],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        externalParameters: { version: '1.0.0', tag: 'v1.0.0' },
        resolvedDependencies: [{ digest: { gitCommit: 'c' } }, { digest: { sha256: 'l' } }],
      },
      runDetails: { builder: { version: { node: '24.0.0' } } },
    },
  });
});
