import { parseArgs, type ParseArgsConfig } from 'node:util';

/** What is wrong with a command line, for the person who typed it. */
export class CommandLineError extends Error {}

/**
 * The options and names of this process. `--help` prints the usage and ends it with 0. An option that is not declared,
 * and a name where `allowPositionals` is not set, throw CommandLineError.
 */
export function commandLine<const T extends ParseArgsConfig>(
  usage: string,
  config: T,
): ReturnType<typeof parseArgs<T>> {
  if ((config.args ?? process.argv).includes('--help')) {
    console.log(usage);
    process.exit(0);
  }
  try {
    return parseArgs(config);
  } catch (error) {
    throw new CommandLineError(`${(error as Error).message}\n\n${usage}`);
  }
}

/** The value of `--name`; throws CommandLineError where it is no whole number, or less than `least`. */
export function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value;
  throw new CommandLineError(`--${name} needs a whole number from ${least}.`);
}

/** Runs a command to its end: its code, 2 where the command line is wrong, 1 where it throws anything else. */
export function runCommand(main: () => Promise<number>): void {
  main().then(
    (code) => process.exit(code),
    (error: unknown) => {
      const isTyped = error instanceof CommandLineError;
      console.error(isTyped ? error.message : error);
      process.exit(isTyped ? 2 : 1);
    },
  );
}
