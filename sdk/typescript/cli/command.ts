import type { ParseArgsConfig } from 'node:util';
import type { Interlock, ProviderId } from '../src';
import { UsageError } from './exit-code';
import type { Surroundings, Terminal } from './terminal';

export type OptionValues = Readonly<Record<string, string | boolean | undefined>>;

/** What a command's work is given. */
export interface CommandContext {
  readonly terminal: Terminal;
  readonly options: OptionValues;
  readonly positionals: readonly string[];
  /** Aborted when the program is told to stop. */
  readonly signal: AbortSignal;
  readonly env: Surroundings['env'];
  /** The client of who is signed in; NotSignedInError where nobody is. */
  client(): Promise<Interlock>;
}

export interface Command {
  readonly name: string;
  /** Positional arguments, as the help shows them. */
  readonly usage: string;
  readonly summary: string;
  /** Each with a line of help. */
  readonly options: Readonly<Record<string, { readonly type: 'string' | 'boolean'; readonly help: string }>>;
  run(context: CommandContext): Promise<void>;
}

/** Of every command. */
export const GLOBAL_OPTIONS = {
  json: { type: 'boolean', help: 'print results, and errors, as JSON' },
  url: { type: 'string', help: 'where the service is, in place of INTERLOCK_URL and of what login stored' },
  help: { type: 'boolean', help: 'this text' },
} as const satisfies Command['options'];

export function parseOptions(command: Command): NonNullable<ParseArgsConfig['options']> {
  const all = { ...command.options, ...GLOBAL_OPTIONS };
  return Object.fromEntries(Object.entries(all).map(([name, { type }]) => [name, { type }]));
}

export function textOption(options: OptionValues, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

export function numberOption(options: OptionValues, name: string): number | undefined {
  const value = textOption(options, name);
  if (value === undefined) return undefined;
  if (!/^\d{1,9}$/.test(value)) throw new UsageError(`--${name} must be a whole number.`);
  return Number(value);
}

/** The service says which ones there are. */
export function providerOf({ positionals: [provider] }: CommandContext): ProviderId {
  if (!provider) throw new UsageError('Name a provider, such as practicehub.');
  return provider as ProviderId;
}
