import { randomBytes } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import type { Anchor } from './audit-verifier';

/**
 * null when there is none yet. A file that is not an anchor is an error: taking it for a missing one would hide a cut.
 */
export async function readAnchor(file: string): Promise<Anchor | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  let parsed: Partial<Anchor> | null = null;
  try {
    parsed = JSON.parse(text) as Partial<Anchor> | null;
  } catch {
    // said below
  }
  const { sequence, hash } = parsed ?? {};
  if (!Number.isSafeInteger(sequence) || sequence! < 0 || !/^[0-9a-f]{64}$/.test(hash ?? '')) {
    throw new Error(`${file} is not an anchor`);
  }
  return { sequence: sequence!, hash: hash! };
}

/** Atomic: a crash leaves the old anchor or the new one. */
export async function writeAnchor(file: string, anchor: Anchor): Promise<void> {
  const temporary = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify({ ...anchor, writtenAt: new Date().toISOString() })}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
}
