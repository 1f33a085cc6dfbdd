import 'reflect-metadata';
import { EmbeddedPostgresError } from '../database/embedded-postgres';
import { ConfigurationError } from '../platform/config';
import { InterlockError } from '../platform/errors';
import { redactText } from '../platform/logging';
import { createProgram } from './program';

/** What went wrong, in words, without a stack for what people can mend. */
function describe(error: unknown): string {
  if (error instanceof InterlockError) {
    const fields = Object.entries(error.fields ?? {}).map(([name, rules]) => `  ${name}: ${rules.join('; ')}`);
    return [error.message, ...fields].join('\n');
  }
  if (error instanceof ConfigurationError || error instanceof EmbeddedPostgresError) return error.message;
  return redactText(error instanceof Error ? (error.stack ?? error.message) : String(error));
}

async function main(): Promise<void> {
  try {
    await createProgram().parseAsync(process.argv);
  } catch (error) {
    process.stderr.write(`${describe(error)}\n`);
    process.exitCode = 1;
  }
}

void main();
