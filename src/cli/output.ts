/** What commands print: a table for people, JSON for programs. */
export type OutputRow = Readonly<Record<string, unknown>>;

export interface Output {
  /** Results, to standard output. */
  rows(rows: readonly OutputRow[]): void;
  /** One result: with a line per field for people. */
  record(row: OutputRow): void;
  /** A remark for people, to standard error; programs read only the result. */
  note(text: string): void;
}

export function createOutput(
  json: boolean,
  out: (text: string) => void = (text) => void process.stdout.write(text),
  err: (text: string) => void = (text) => void process.stderr.write(text),
): Output {
  return {
    rows: (rows) => out(json ? `${JSON.stringify(rows, null, 2)}\n` : table(rows)),
    record: (row) => out(json ? `${JSON.stringify(row, null, 2)}\n` : fields(row)),
    note: (text) => err(`${text}\n`),
  };
}

function table(rows: readonly OutputRow[]): string {
  const first = rows[0];
  if (!first) return 'none\n';
  const names = Object.keys(first);
  const lines = [names, ...rows.map((row) => names.map((name) => cell(row[name])))];
  const widths = names.map((_name, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines
    .map(
      (line) =>
        `${line
          .map((text, column) => text.padEnd(widths[column]!))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

function fields(row: OutputRow): string {
  const width = Math.max(...Object.keys(row).map((name) => name.length));
  return Object.entries(row)
    .map(([name, value]) => `${name.padEnd(width)}  ${cell(value)}\n`)
    .join('');
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '-';
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.length === 0 ? '-' : value.map(cell).join(', ');
  if (typeof value === 'object') return JSON.stringify(value);
  // a terminal obeys control characters, and names come from outside
  // oxlint-disable-next-line no-control-regex
  return String(value).replace(/[\u0000-\u001f\u007f-\u009f]/g, '?');
}
