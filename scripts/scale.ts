import { parseArgs } from 'node:util';
import { explainAt, explained } from '../test/scale/explain';
import { table } from '../test/scale/report';
import { scaleRun } from '../test/scale/scale-run';

/**
 * npm run scale -- --integrations 20000 --merchants 5000 --minutes 10 --apis 2 --workers 3 --seed 1 [--queue postgres]
 * [--statements] [--json] npm run scale -- --explain [--rows 1000000]: how the hottest queries run on so many rows
 */
const LONGEST_MS = 90 * 60_000;

async function main(): Promise<number> {
  const { values } = parseArgs({
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
    const queries = await explainAt(whole('rows', values.rows, 100_000), (line) => console.error(line));
    console.log(values.json ? JSON.stringify(queries, null, 2) : explained(queries));
    return queries.every(({ scanned }) => scanned.length === 0) ? 0 : 1;
  }
  const integrations = whole('integrations', values.integrations, 20);
  const queue = values.queue;
  if (queue !== 'redis' && queue !== 'postgres') throw new Error('--queue is redis or postgres');
  // a run that hangs must not hang for ever; its processes end with it
  const bound = setTimeout(() => {
    console.error(`Broken off after ${LONGEST_MS / 60_000} minutes.`);
    process.exit(1);
  }, LONGEST_MS);
  const report = await scaleRun({
    integrations,
    merchants: whole('merchants', values.merchants ?? String(Math.ceil(integrations / 4)), 1),
    minutes: whole('minutes', values.minutes, 1),
    apis: whole('apis', values.apis, 1),
    workers: whole('workers', values.workers, 2),
    seed: whole('seed', values.seed, 1),
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

function whole(name: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least) throw new Error(`--${name} needs a whole number from ${least}`);
  return value;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
