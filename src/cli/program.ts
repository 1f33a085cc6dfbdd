import { Command, CommanderError } from 'commander';
import { EmbeddedPostgresError } from '../database/embedded-postgres';
import { ConfigurationError } from '../platform/config';
import { InterlockError } from '../platform/errors';
import { redactText } from '../platform/logging';
import { COMMANDS } from './commands';

function createProgram(): Command {
  const program = new Command('cli')
    .usage('<command>')
    .description('Interlock from the command line')
    .option('--json', 'print results as JSON')
    .configureHelp({ showGlobalOptions: true })
    .exitOverride();
  for (const define of COMMANDS) define(program);
  return program;
}

/** Runs one command line; returns the process's exit code. */
export async function run(args: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    // commander has said what it had to say
    if (error instanceof CommanderError) return error.exitCode;
    process.stderr.write(`${describe(error)}\n`);
    return 1;
  }
}

/** What went wrong, in words; with a stack only for what people cannot mend. */
function describe(error: unknown): string {
  if (error instanceof InterlockError) {
    const fields = Object.entries(error.fields ?? {}).map(([name, rules]) => `  ${name}: ${rules.join('; ')}`);
    return [error.message, ...fields].join('\n');
  }
  if (error instanceof ConfigurationError || error instanceof EmbeddedPostgresError) return error.message;
  return redactText(error instanceof Error ? (error.stack ?? error.message) : String(error));
}
