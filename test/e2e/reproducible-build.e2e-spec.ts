import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { buildIn, copySources, differences } from '../../scripts/release/builds';
import { build } from '../support/build';

jest.setTimeout(600_000);

describe('a build', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'interlock-test-reproducible-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('has the same bytes in another folder, of another depth', () => {
    build();
    const other = path.join(folder, 'of/another/depth');
    copySources(other);
    buildIn(other);
    // what says when it was built is empty in both
    expect(differences(path.resolve(__dirname, '../../dist'), path.join(other, 'dist'))).toEqual([]);
  });
});
