import { csvLine, type ExportedLine } from './audit-export';

const HASHES = JSON.stringify({ hash: 'h', entryHash: 'e', occurredAt: '2026-01-01T00:00:00.000000Z' });

describe('a line of the audit log for a spreadsheet', () => {
  const line = (reason: string): string => {
    const entry = { action: 'a', details: '{}', reason } as unknown as ExportedLine['entry'];
    return csvLine({ text: HASHES, sequence: 1, entry } as ExportedLine);
  };

  it.each([';', '\t', '\r', '\n'])('has no cell that is calculated where %j ends one', (end) => {
    for (const sign of ['=', '+', '-', '@', '\t=', '\r@']) {
      for (const reason of [`${sign}1+1`, `looked at it${end}${sign}1+1`, `a${end}${end}${sign}1`]) {
        // as a spreadsheet reads it that knows of no quotes
        const cells = line(reason)
          .trimEnd()
          .split(new RegExp(`[${end}\r\n]`));
        for (const cell of cells) expect(cell).not.toMatch(/^"?[=+\-@]/);
      }
    }
  });

  it('is as it was written where nothing could be calculated', () => {
    expect(line('a-b = c; d, "e"')).toContain(`"a-b = c; d, ""e"""`);
  });
});
