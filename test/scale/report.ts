import type { ScaleReport, StageCosts } from './scale-run';

/** For people: both sizes side by side, then what is true of the whole; on demand the statements behind it. */
export function table(report: ScaleReport, withStatements = false): string {
  const { small, large } = report;
  const lines = [row('', String(small.integrations), String(large.integrations), 'ratio')];
  const add = (name: string, read: (stage: StageCosts) => number | null, compared = true): void => {
    const [a, b] = [read(small), read(large)];
    const ratio = compared && a !== null && b !== null && a > 0 ? (b / a).toFixed(2) : '';
    lines.push(row(name, a === null ? 'n/a' : String(a), b === null ? 'n/a' : String(b), ratio));
  };
  for (const phase of ['firstSyncs', 'schedule'] as const) {
    lines.push('', phase === 'firstSyncs' ? 'first syncs, all due at once' : 'the schedule, compressed');
    add('starts', (stage) => stage[phase].starts, false);
    add('seconds', (stage) => stage[phase].seconds, false);
    add('starts a second', (stage) => stage[phase].startsPerSecond);
    add('statements a second', (stage) => stage[phase].statementsPerSecond);
    add('statements per start', (stage) => stage[phase].statementsPerStart);
    add('transactions per start', (stage) => stage[phase].transactionsPerStart);
    add('provider calls per start', (stage) => stage[phase].callsPerStart);
    add('ms in statements per start', (stage) => stage[phase].databaseMsPerStart);
    add('CPU ms of the service per start', (stage) => stage[phase].serviceCpuMsPerStart);
    add('CPU ms of PostgreSQL per start', (stage) => stage[phase].databaseCpuMsPerStart);
    if (phase === 'firstSyncs') continue;
    add('compression', (stage) => stage.schedule.compression, false);
    add('lateness p50, ms', (stage) => stage.schedule.latenessMs.p50);
    add('lateness p99, ms', (stage) => stage.schedule.latenessMs.p99);
    add('lateness max, ms', (stage) => stage.schedule.latenessMs.max);
  }
  lines.push('');
  add('database, MB', (stage) => Math.round(stage.databaseBytes / 1e6));
  add('database bytes per integration', (stage) => stage.bytesPerIntegration);
  const { provider, connections } = report;
  const connected = Object.entries(connections).map(([name, count]) => `${name} ${count}`);
  lines.push(
    '',
    ...report.tables.map(
      ({ table, rows, bytes }) =>
        `${table}: ${rows} rows, ${(bytes / 1e6).toFixed(1)} MB, ${Math.round(bytes / Math.max(1, rows))} bytes each`,
    ),
    '',
    `connections, at most: ${connected.join(', ')}`,
    `provider calls: ${provider.calls}, refused for their rate: ${provider.refused}; the busiest account had in one second ` +
      `${provider.busiestSecond.sandbox} of 50 (sandbox), ${provider.busiestSecond.live} of 10 (live)`,
    `meanwhile: ${report.acts.join(', ')}; ${report.changes} changes at the providers; ${report.feedEntries} feed entries read`,
    `verified: ${report.verifiedIntegrations} integrations, ${report.records} records; ${report.faults.length} faults`,
    ...report.faults.map((fault) => `  ${fault}`),
  );
  if (withStatements) {
    lines.push('', 'calls and ms per start');
    for (const { callsPerStart, msPerStart, text } of report.statements) {
      lines.push(`${String(callsPerStart).padStart(8)}${String(msPerStart).padStart(8)}  ${text}`);
    }
  }
  return lines.join('\n');
}

function row(name: string, small: string, large: string, ratio: string): string {
  return `${name.padEnd(34)}${small.padStart(12)}${large.padStart(12)}${ratio.padStart(9)}`.trimEnd();
}
