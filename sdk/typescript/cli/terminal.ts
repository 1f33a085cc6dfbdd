import { createInterface } from 'node:readline/promises';
import { Writable, type Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { UsageError } from './exit-code';

const STYLES = { bold: 1, red: 31, green: 32, yellow: 33 } as const;
export type Row = Readonly<Record<string, unknown>>;

interface Output {
  readonly isTTY?: boolean;
  write(text: string, done?: (error?: Error | null) => void): unknown;
}

/** What the program has of its surroundings. */
export interface Surroundings {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted when the program is told to stop. */
  readonly signal: AbortSignal;
}

/** What a command reads and writes: results to standard output, everything else to standard error. */
export class Terminal {
  /** Whether lines that were shown can be drawn again. */
  readonly isInteractive: boolean;
  private readonly hasColours: boolean;

  constructor(
    readonly json: boolean,
    private readonly surroundings: Surroundings,
  ) {
    const { stdout, stderr, env } = surroundings;
    this.isInteractive = stderr.isTTY === true;
    this.hasColours = stdout.isTTY === true && !env['NO_COLOR'];
  }

  /** A result for programs, a line for people. */
  result(value: unknown, forPeople: string): void {
    this.write(this.json ? JSON.stringify(value) : forPeople);
  }

  rows(rows: readonly Row[]): void {
    this.write(this.json ? JSON.stringify(rows) : this.table(rows));
  }

  write(line: string): void {
    this.surroundings.stdout.write(`${line}\n`);
  }

  /** When everything written has left the program; an error where nobody reads it any more. */
  flushed(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.surroundings.stdout.write('', (error) => (error ? reject(error) : resolve()));
    });
  }

  note(line: string): void {
    this.draw(`${line}\n`);
  }

  draw(text: string): void {
    this.surroundings.stderr.write(text);
  }

  paint(style: keyof typeof STYLES, words: string): string {
    return this.hasColours ? `\u001b[${STYLES[style]}m${words}\u001b[0m` : words;
  }

  /** Typed unseen, or piped in. Never an argument, where others read it. */
  async secret(what: string): Promise<string> {
    const { stdin } = this.surroundings;
    const secret = (stdin.isTTY ? await this.typed(what) : await text(stdin)).trim();
    if (secret === '' || secret.length > 4096) throw new UsageError(`There is no ${what}: type it, or pipe it in.`);
    return secret;
  }

  private async typed(what: string): Promise<string> {
    const { stdin, signal } = this.surroundings;
    // what is typed is echoed to nowhere
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
    // before the prompt: what is typed until then, the terminal itself would show
    const lines = createInterface({ input: stdin, output: nowhere, terminal: true });
    this.draw(`${what} (not shown): `);
    // the terminal sends the key to this program alone while a line is read
    lines.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    try {
      return await lines.question('', { signal });
    } finally {
      lines.close();
      this.draw('\n');
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
