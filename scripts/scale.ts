import { explainAt, explained } from '../test/scale/explain';
import { table } from '../test/scale/report';
import { scaleRun } from '../test/scale/scale-run';
import { commandLine, CommandLineError, runCommand, wholeNumber } from './command-line';

const USAGE = `npm run scale
  --integrations N   20,000
  --merchants N      a quarter of that
  --minutes N        10
  --apis N           processes: 2
  --workers N        processes: 3
  --seed N           1
  --queue NAME       redis or postgres
  --statements       what the database was asked
  --explain          how the hottest queries run, and nothing else
  --rows N           with --explain, of everything: 1,000,000
  --json             for scripts`;
const LONGEST_MS = 90 * 60_000;

async function main(): Promise<number> {
  const { values } = commandLine(USAGE, {
    options: {
      integrations: { type: 'string', default: '20000' },
      merchants: { type: 'string' },
      minutes: { type: 'string', default: '10' },
      apis: { type: 'string', default: '2' },
      workers: { type: 'string', default: '3' },
      seed: { type: 'string', default: '1' },
      queue: { type: 'string', default: 'redis' },
      statements: { type: 'boolean', default: false },
      explain: { type: 'boolean', default: false },
      rows: { type: 'string', default: '1000000' },
      json: { type: 'boolean', default: false },
    },
  });
  if (values.explain) {
    const queries = await explainAt(wholeNumber('rows', values.rows, 100_000), (line) => console.error(line));
    console.log(values.json ? JSON.stringify(queries, null, 2) : explained(queries));
    return queries.every(({ scanned }) => scanned.length === 0) ? 0 : 1;
  }
  const integrations = wholeNumber('integrations', values.integrations, 20);
  const queue = values.queue;
  if (queue !== 'redis' && queue !== 'postgres') throw new CommandLineError('--queue is redis or postgres.');
  // a run that hangs must not hang for ever; its processes end with it
  const bound = setTimeout(() => {
    console.error(`Broken off after ${LONGEST_MS / 60_000} minutes.`);
    process.exit(1);
  }, LONGEST_MS);
  const report = await scaleRun({
    integrations,
    merchants: wholeNumber('merchants', values.merchants ?? String(Math.ceil(integrations / 4)), 1),
    minutes: wholeNumber('minutes', values.minutes, 1),
    apis: wholeNumber('apis', values.apis, 1),
    workers: wholeNumber('workers', values.workers, 2),
    seed: wholeNumber('seed', values.seed, 1),
    queue,
    durable: true,
    leaseSeconds: 10,
    longestWindowMs: 30 * 60_000,
    log: (line) => console.error(line),
  });
  clearTimeout(bound);
  if (!report) return 1;
  console.log(values.json ? JSON.stringify(report, null, 2) : table(report, values.statements));
  return report.faults.length === 0 ? 0 : 1;
}

runCommand(main);
