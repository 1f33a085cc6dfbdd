import 'reflect-metadata';
import { fuzz } from '../test/fuzz/fuzzer';
import { makeTarget } from '../test/fuzz/target';
import { startTestApp } from '../test/support/app';
import { POSTGRES_URL_VARIABLE } from '../test/support/global-postgres';
import { startTestPostgres } from '../test/support/postgres';
import { commandLine, runCommand, wholeNumber } from './command-line';

const USAGE = `npm run fuzz   requests drawn from openapi.json, against an application of its own
  --seconds N        60
  --seed N           draws the same ones again
  --only N           this one of them`;

async function main(): Promise<number> {
  const { values } = commandLine(USAGE, {
    options: {
      seconds: { type: 'string', default: '60' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      only: { type: 'string' },
    },
  });
  const seed = wholeNumber('seed', values.seed, 0);
  const seconds = wholeNumber('seconds', values.seconds, 0);
  const only = values.only === undefined ? undefined : wholeNumber('only', values.only, 0);
  const crashes: string[] = [];
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => crashes.push(`${event}: ${String(error)}`));
  }
  const postgres = process.env[POSTGRES_URL_VARIABLE] ? null : await startTestPostgres();
  if (postgres) process.env[POSTGRES_URL_VARIABLE] = postgres.url;
  try {
    const running = await startTestApp();
    try {
      const target = await makeTarget(running);
      const { requests, statuses, failures } = await fuzz(target, { seed, seconds, only });
      for (const { index, problems, curl } of failures) {
        console.log(
          `\nFAILED --seed ${seed} --only ${index}\n${problems.map((each) => `  ${each}`).join('\n')}\n  ${curl}`,
        );
      }
      for (const crash of crashes) console.log(`\nFAILED ${crash}`);
      console.log(
        `\nseed ${seed}: ${requests} requests, ${failures.length} failed; by status ${JSON.stringify(statuses)}`,
      );
      return failures.length + crashes.length > 0 ? 1 : 0;
    } finally {
      await running.close();
    }
  } finally {
    await postgres?.stop();
  }
}

runCommand(main);
