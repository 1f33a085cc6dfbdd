import { listConfiguration } from '../platform/config';
import type { CommandDefinition } from './application';
import { createOutput } from './output';

export const configCommand: CommandDefinition = (program) => {
  program
    .command('config')
    .description('the configuration')
    .command('list')
    .description('every variable, what it is (secrets masked) and where that comes from')
    .action((_options, command) => {
      createOutput(command.optsWithGlobals().json === true).rows(
        listConfiguration(process.env).map((line) => ({ ...line })),
      );
    });
};
