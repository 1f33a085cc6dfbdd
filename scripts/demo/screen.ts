import type { WriteStream } from 'node:tty';
import type { SyncLog } from '../../sdk/typescript/src';

/** What is shown of a log entry. */
export type ShownLog = Pick<
  SyncLog,
  'resourceType' | 'status' | 'durationMs' | 'recordsFetched' | 'recordsCreated' | 'recordsUpdated' | 'recordsUnchanged'
>;

const BAR_WIDTH = 30;
const number = new Intl.NumberFormat('en-GB');
const CODES = { bold: 1, dim: 2, red: 31, green: 32, cyan: 36 } as const;

interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Where the demonstration is shown: colours and a moving bar on a terminal, plain lines anywhere else. */
export class Screen {
  private readonly isTerminal: boolean;
  private readonly isColoured: boolean;
  private step = 0;
  private lastProgress = '';
  private barShown = false;

  constructor(
    private readonly output: Output | WriteStream,
    environment: NodeJS.ProcessEnv = process.env,
  ) {
    this.isTerminal = output.isTTY === true && environment['TERM'] !== 'dumb';
    this.isColoured = this.isTerminal && !environment['NO_COLOR'];
  }

  title(text: string): void {
    this.say(`\n${this.paint('bold', text)}`);
  }

  /** The next numbered step. */
  begin(text: string): void {
    this.step++;
    this.say(`\n${this.paint('cyan', String(this.step))}  ${this.paint('bold', text)}`);
  }

  done(text: string): void {
    this.say(`   ${this.paint('green', '✓')} ${text}`);
  }

  detail(text: string): void {
    for (const line of text.split('\n')) this.say(`   ${this.paint('dim', line)}`);
  }

  block(text: string): void {
    for (const line of text.split('\n')) this.say(`   ${line}`);
  }

  say(text: string): void {
    this.clearBar();
    this.output.write(`${text}\n`);
  }

  failure(text: string): void {
    this.say(`\n   ${this.paint('red', '✗')} ${text.split('\n').join('\n     ')}`);
  }

  serviceLog(lines: readonly string[]): void {
    if (lines.length === 0) return;
    this.say('\n   The last lines of the service’s log:');
    for (const line of lines) this.detail(line);
  }

  /** On a terminal a bar that moves; elsewhere one line whenever another resource is being read. */
  progress(logs: readonly ShownLog[], expected: Readonly<Record<string, number>>): void {
    const fetched = logs.reduce((sum, log) => sum + log.recordsFetched, 0);
    const total = logs.reduce((sum, log) => sum + expectedOf(log, expected), 0);
    const current = logs.find((log) => log.status === 'syncing')?.resourceType ?? '';
    if (this.isTerminal) return this.bar(total === 0 ? 0 : Math.min(1, fetched / total), fetched, current);
    if (current === '' || current === this.lastProgress) return;
    this.lastProgress = current;
    this.say(`   reading ${current} (${number.format(fetched)} rows so far)`);
  }

  /** What one run did, resource by resource. */
  table(logs: readonly ShownLog[]): void {
    const rows = logs.map((log) => [
      log.resourceType,
      ...[log.recordsFetched, log.recordsCreated, log.recordsUpdated, log.recordsUnchanged].map((n) =>
        number.format(n),
      ),
      log.durationMs === null ? '-' : (log.durationMs / 1000).toFixed(1),
    ]);
    this.block(tableOf(['resource', 'fetched', 'created', 'updated', 'unchanged', 'seconds'], rows));
  }

  private bar(share: number, fetched: number, current: string): void {
    const filled = Math.round(share * BAR_WIDTH);
    const bar = `${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)}`;
    const words = `${String(Math.floor(share * 100)).padStart(3)} %  ${number.format(fetched)} rows  ${current}`;
    this.output.write(`\r\x1b[K   ${this.paint('green', bar)} ${words}`);
    this.barShown = true;
  }

  private clearBar(): void {
    if (this.barShown) this.output.write('\r\x1b[K');
    this.barShown = false;
  }

  private paint(style: keyof typeof CODES, text: string): string {
    return this.isColoured ? `\x1b[${CODES[style]}m${text}\x1b[0m` : text;
  }
}

/** The first column to the left, figures to the right. */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd();
  return [line(head), widths.map((width) => '─'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}

/** A list may be longer or shorter than the provider first said: what was read counts once it is read. */
function expectedOf(log: ShownLog, expected: Readonly<Record<string, number>>): number {
  if (log.status === 'success') return log.recordsFetched;
  return Math.max(log.recordsFetched, expected[log.resourceType] ?? 0);
}
