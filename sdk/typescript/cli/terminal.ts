import { createInterface } from 'node:readline/promises';
import { text } from 'node:stream/consumers';
import { Writable } from 'node:stream';
import { UsageError } from './exit-code';

const STYLES = { bold: 1, red: 31, green: 32, yellow: 33 } as const;
export type Row = Readonly<Record<string, unknown>>;

/** What a command reads and writes: results to standard output, everything else to standard error. */
export class Terminal {
  readonly isInteractive = process.stderr.isTTY;
  private readonly hasColours = process.stdout.isTTY && !process.env['NO_COLOR'];

  constructor(
    readonly json: boolean,
    private readonly signal: AbortSignal,
  ) {}

  /** A result for programs, a line for people. */
  result(value: unknown, forPeople: string): void {
    this.write(this.json ? JSON.stringify(value) : forPeople);
  }

  rows(rows: readonly Row[]): void {
    this.write(this.json ? JSON.stringify(rows) : this.table(rows));
  }

  write(line: string): void {
    process.stdout.write(`${line}\n`);
  }

  note(line: string): void {
    process.stderr.write(`${line}\n`);
  }

  paint(style: keyof typeof STYLES, words: string): string {
    return this.hasColours ? `\u001b[${STYLES[style]}m${words}\u001b[0m` : words;
  }

  /** Typed unseen, or piped in. Never an argument, where others read it. */
  async secret(what: string): Promise<string> {
    const secret = (process.stdin.isTTY ? await this.typed(what) : await text(process.stdin)).trim();
    if (secret === '' || secret.length > 4096) throw new UsageError(`There is no ${what}: type it, or pipe it in.`);
    return secret;
  }

  private async typed(what: string): Promise<string> {
    process.stderr.write(`${what} (not shown): `);
    // what is typed is echoed to nowhere
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
    const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
    // the terminal sends the key to this program alone while a line is read
    lines.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    try {
      return await lines.question('', { signal: this.signal });
    } finally {
      lines.close();
      process.stderr.write('\n');
    }
  }

  private table(rows: readonly Row[]): string {
    const names = Object.keys(rows[0] ?? {});
    if (names.length === 0) return 'none';
    const cells = [names, ...rows.map((row) => names.map((name) => cell(row[name])))];
    const widths = names.map((_name, column) => Math.max(...cells.map((line) => line[column]!.length)));
    const lines = cells.map((line) =>
      line
        .map((part, column) => part.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    );
    return [this.paint('bold', lines[0]!), ...lines.slice(1)].join('\n');
  }
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '-';
  return printable(typeof value === 'object' ? JSON.stringify(value) : String(value));
}

/** A terminal obeys control characters, and texts come from outside. */
export function printable(words: string): string {
  // oxlint-disable-next-line no-control-regex
  return words.replace(/[\u0000-\u001f\u007f-\u009f]/g, '?');
}
