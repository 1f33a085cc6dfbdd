import { createReadStream } from 'node:fs';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** The lines of a file. null: one of more bytes than that, of which no more is held than one reading of the file. */
export async function* linesOfFile(file: string, maxBytes: number): AsyncGenerator<string | null> {
  let parts: Buffer[] = [];
  let bytes = 0;
  const add = (part: Buffer): void => {
    bytes += part.length;
    if (bytes <= maxBytes) parts.push(part);
    else parts = [];
  };
  const end = (): string | null => {
    const line = bytes <= maxBytes ? textOf(parts) : null;
    parts = [];
    bytes = 0;
    return line;
  };
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, from)) {
      add(chunk.subarray(from, at));
      yield end();
      from = at + 1;
    }
    if (from < chunk.length) add(chunk.subarray(from));
  }
  if (bytes > 0) yield end();
}

function textOf(parts: readonly Buffer[]): string {
  const line = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  return line.toString('utf8', 0, line.at(-1) === CARRIAGE_RETURN ? line.length - 1 : line.length);
}
