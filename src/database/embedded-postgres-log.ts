import { open, rename, stat } from 'node:fs/promises';

const maxLogBytes = 5 * 1024 * 1024;
const tailBytes = 8 * 1024;
const tailLines = 15;

export interface ServerLog {
  /** For the server to write to; the file is ours, so the server's account needs no access to its folder. */
  readonly descriptor: number;
  /** The last lines written since opening, ready to be appended to an error message; empty when there are none. */
  tail(): Promise<string>;
  close(): Promise<void>;
}

/** Opens the log to append; an overgrown one is set aside first, in place of the one set aside before. */
export async function openServerLog(file: string): Promise<ServerLog> {
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  if (size > maxLogBytes) await rename(file, `${file}.1`);
  const handle = await open(file, 'a+', 0o600);
  const openedAt = (await handle.stat()).size;
  return {
    descriptor: handle.fd,
    async tail() {
      const reader = await open(file, 'r');
      try {
        const { size: end } = await reader.stat();
        const start = Math.max(openedAt, end - tailBytes);
        const { buffer, bytesRead } = await reader.read(Buffer.alloc(Math.max(0, end - start)), 0, undefined, start);
        const lines = buffer.toString('utf8', 0, bytesRead).trim().split('\n').slice(-tailLines);
        return lines.join('') === '' ? '' : ` The end of ${file}:\n${lines.join('\n')}`;
      } finally {
        await reader.close();
      }
    },
    close: () => handle.close(),
  };
}
