import { Command } from 'commander';
import { COMMANDS } from './commands';

export function createProgram(): Command {
  const program = new Command('cli')
    .usage('<command>')
    .description('Interlock from the command line')
    .option('--json', 'print results as JSON')
    .configureHelp({ showGlobalOptions: true });
  for (const define of COMMANDS) define(program);
  return program;
}
