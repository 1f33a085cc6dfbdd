import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { fuzz } from '../test/fuzz/fuzzer';
import { makeTarget } from '../test/fuzz/target';
import { startTestApp } from '../test/support/app';
import { POSTGRES_URL_VARIABLE } from '../test/support/global-postgres';
import { startTestPostgres } from '../test/support/postgres';

/**
 * npm run fuzz -- --seconds 60 --seed 7 [--only 123]: requests drawn from openapi.json against an application of its
 * own.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '60' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      only: { type: 'string' },
    },
  });
  const [seed, seconds] = [Number(values.seed), Number(values.seconds)];
  const only = values.only === undefined ? undefined : Number(values.only);
  if (![seed, seconds, only ?? 0].every((each) => Number.isFinite(each) && each >= 0)) {
    throw new Error('--seconds, --seed and --only take numbers');
  }
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
      if (failures.length + crashes.length > 0) process.exitCode = 1;
    } finally {
      await running.close();
    }
  } finally {
    await postgres?.stop();
  }
}

void main();
