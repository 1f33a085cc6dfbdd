import type { SyncLog } from '../src';
import type { Terminal } from './terminal';

const WIDTH = 24;

/** A bar for each resource on a terminal, a line for each change elsewhere, nothing for programs. */
export class Progress {
  private readonly expected: ReadonlyMap<string, number>;
  private readonly told = new Map<string, string>();
  private drawnLines = 0;

  constructor(
    private readonly terminal: Terminal,
    /** Of the last sync: nobody says beforehand how much there is to read. */
    before: readonly SyncLog[],
  ) {
    this.expected = new Map(before.map(({ resourceType, recordsFetched }) => [resourceType, recordsFetched]));
  }

  show(logs: readonly SyncLog[]): void {
    if (this.terminal.json) return;
    const ordered = [...logs].sort((a, b) => (a.resourceType < b.resourceType ? -1 : 1));
    if (this.terminal.isInteractive) return this.draw(ordered);
    for (const { resourceType, status, recordsFetched } of ordered) {
      if (this.told.get(resourceType) === status) continue;
      this.told.set(resourceType, status);
      this.terminal.note(`${resourceType}: ${status}, ${recordsFetched} rows read`);
    }
  }

  /** The bars stay as they are. */
  end(): void {
    this.drawnLines = 0;
  }

  private draw(logs: readonly SyncLog[]): void {
    const lines = logs.map((log) => {
      const filled = Math.round(this.shareOf(log) * WIDTH);
      return `${log.resourceType.padEnd(10)} [${'#'.repeat(filled)}${'-'.repeat(WIDTH - filled)}] ${log.recordsFetched} rows, ${log.status}`;
    });
    const up = this.drawnLines > 0 ? `\u001b[${this.drawnLines}A` : '';
    this.terminal.draw(up + lines.map((line) => `\u001b[2K${line}\n`).join(''));
    this.drawnLines = lines.length;
  }

  private shareOf({ resourceType, status, recordsFetched }: SyncLog): number {
    if (status === 'success') return 1;
    const expected = Math.max(this.expected.get(resourceType) ?? 0, 1);
    return Math.min(recordsFetched / expected, 0.95);
  }
}
