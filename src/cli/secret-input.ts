import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { InterlockError } from '../platform/errors';

/** A private key in PEM is the longest. */
const MAX_BYTES = 8192;

/**
 * A secret from a file, from standard input (`-`), or typed unseen. Never from the command line or the environment,
 * where others read it.
 */
export async function readSecret(file: string | undefined, what: string): Promise<string> {
  const secret = file === undefined ? await typed(what) : file === '-' ? await piped() : await inFile(file);
  const trimmed = secret.trim();
  if (trimmed === '') throw new InterlockError('invalid_request', { message: `The ${what} is empty.` });
  return trimmed;
}

async function inFile(file: string): Promise<string> {
  let handle;
  try {
    handle = await open(file, 'r');
    const buffer = Buffer.alloc(MAX_BYTES + 1);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    if (bytesRead > MAX_BYTES) throw new InterlockError('invalid_request', { message: 'The key file is too long.' });
    return buffer.toString('utf8', 0, bytesRead);
  } catch (error) {
    if (error instanceof InterlockError) throw error;
    throw new InterlockError('invalid_request', { message: 'The key file cannot be read.' });
  } finally {
    await handle?.close();
  }
}

async function piped(): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of process.stdin) {
    const part = Buffer.from(chunk as Buffer | string);
    bytes += part.length;
    if (bytes > MAX_BYTES)
      throw new InterlockError('invalid_request', { message: 'Standard input is too long to be a key.' });
    chunks.push(part);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function typed(what: string): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new InterlockError('invalid_request', {
      message: `The ${what} cannot be typed here. Give --key-file with a file, or - for standard input.`,
    });
  }
  // what is typed is echoed to nowhere
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  // before the prompt: what is typed until then, the terminal itself would show
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  process.stderr.write(`${what} (not shown): `);
  const stop = new AbortController();
  lines.once('SIGINT', () => stop.abort());
  try {
    return await lines.question('', { signal: stop.signal });
  } catch {
    throw new InterlockError('invalid_request', { message: 'Stopped.' });
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}
