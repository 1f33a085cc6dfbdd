import { parseArgs } from 'node:util';
import { ApiError, CallError, Interlock, VERSION } from '../src';
import { GLOBAL_OPTIONS, parseOptions, textOption, type Command, type OptionValues } from './command';
import { completionCommand } from './commands/completion';
import { eventsCommand } from './commands/events';
import { activateCommand, explainCommand, integrationsCommand } from './commands/integrations';
import { loginCommand, logoutCommand } from './commands/login';
import { recordsCommand } from './commands/records';
import { syncCommand } from './commands/sync';
import { EXIT_CODES, exitCodeOf, UsageError } from './exit-code';
import { MAX_RETRIES, readSignIn } from './sign-in';
import { printable, Terminal, type Surroundings } from './terminal';

/** In the order of the help. */
const COMMANDS: readonly Command[] = [
  loginCommand,
  logoutCommand,
  integrationsCommand,
  activateCommand,
  syncCommand,
  recordsCommand,
  eventsCommand,
  explainCommand,
  completionCommand(() => COMMANDS),
];

/** Runs one command line; returns the exit code of the process. */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const terminal = new Terminal(args.includes('--json'), surroundings);
  const { env, signal } = surroundings;
  try {
    const [name, ...rest] = args;
    if (name === '--version') return print(terminal, VERSION);
    if (name === undefined || name === '--help' || name === 'help') return print(terminal, help());
    const command = COMMANDS.find((each) => each.name === name);
    if (!command) throw new UsageError(`There is no command ${printable(name)}; interlock --help lists them.`);
    const { values, positionals } = parsed(command, rest);
    if (values['help']) return print(terminal, helpOf(command));
    const client = async (): Promise<Interlock> => {
      const { url, apiKey } = await readSignIn(env, textOption(values, 'url'));
      return new Interlock({ baseUrl: url, apiKey, maxRetries: MAX_RETRIES });
    };
    await command.run({ terminal, options: values, positionals, signal, env, client });
    return EXIT_CODES.done;
  } catch (error) {
    if (signal.aborted) return EXIT_CODES.interrupted;
    describe(terminal, error);
    return exitCodeOf(error);
  }
}

function parsed(command: Command, args: string[]): { values: OptionValues; positionals: string[] } {
  try {
    const { values, positionals } = parseArgs({ args, options: parseOptions(command), allowPositionals: true });
    return { values: values as OptionValues, positionals };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function print(terminal: Terminal, text: string): number {
  terminal.write(text);
  return EXIT_CODES.done;
}

/** To standard error, so that standard output holds results alone. */
function describe(terminal: Terminal, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  const { code = null, nextAction = null } = error instanceof ApiError ? error : {};
  const fields = error instanceof ApiError ? error.fields : {};
  const requestId = error instanceof CallError ? (error.requestId ?? null) : null;
  if (terminal.json) return terminal.note(JSON.stringify({ error: message, code, nextAction, requestId, fields }));
  terminal.note(printable(message));
  for (const [field, rules] of Object.entries(fields)) terminal.note(`  ${printable(`${field}: ${rules.join('; ')}`)}`);
  if (nextAction !== null && nextAction !== 'none') terminal.note(`Next action: ${nextAction}. Request ${requestId}.`);
}

function help(): string {
  const width = Math.max(...COMMANDS.map(({ name, usage }) => `${name} ${usage}`.length));
  const lines = COMMANDS.map(({ name, usage, summary }) => `  ${`${name} ${usage}`.padEnd(width)}  ${summary}`);
  return `interlock <command> [options]

${lines.join('\n')}

${optionLines(GLOBAL_OPTIONS)}

interlock <command> --help shows the options of a command. INTERLOCK_URL and INTERLOCK_API_KEY come before what login stored. NO_COLOR is obeyed.

Exit codes: ${EXIT_CODES.done} done · ${EXIT_CODES.refused} refused · ${EXIT_CODES.usage} wrong usage · ${EXIT_CODES.notSignedIn} no key, or one that may not do this ·
${EXIT_CODES.syncFailed} the sync failed or did not end · ${EXIT_CODES.unreachable} the service cannot be reached · ${EXIT_CODES.interrupted} interrupted`;
}

function helpOf({ name, usage, summary, options }: Command): string {
  return `interlock ${name} ${usage}

${summary}

${optionLines({ ...options, ...GLOBAL_OPTIONS })}`;
}

function optionLines(options: Command['options']): string {
  const shown = Object.entries(options).map(
    ([name, { type, help: text }]) => [`--${name}${type === 'string' ? ' <value>' : ''}`, text] as const,
  );
  const width = Math.max(...shown.map(([option]) => option.length));
  return shown.map(([option, text]) => `  ${option.padEnd(width)}  ${text}`).join('\n');
}
