import { readFile } from 'node:fs/promises';
import { InterlockError } from '../platform/errors';
import { readManifest, toldFault, type Manifest } from '../providers';

/** The manifest in a file. Throws `invalid_request` with the line and column of each of its faults. */
export async function manifestIn(file: string): Promise<{ readonly text: string; readonly manifest: Manifest }> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new InterlockError('invalid_request', { message: `There is no file ${file} that can be read.` });
  });
  const { manifest, faults } = readManifest(text);
  if (manifest) return { text, manifest };
  const lines = faults.map((fault) => `${file}:${toldFault(fault)}`);
  throw new InterlockError('invalid_request', { message: `The manifest has faults.\n${lines.join('\n')}` });
}
