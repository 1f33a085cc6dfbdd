import { migrate } from '../database/data-source';
import { loadConfig } from '../platform/config';
import type { CommandDefinition } from './application';
import { openDatabase } from './open-database';
import { createOutput } from './output';

export const dbCommand: CommandDefinition = (program) => {
  const db = program.command('db').description('the database');

  db.command('migrate')
    .description('apply the migrations that are missing; safe to run from several places at once')
    .action(async (_options, command) => {
      const output = createOutput(command.optsWithGlobals().json === true);
      const database = await openDatabase(loadConfig(process.env), (line) => output.note(line));
      try {
        const applied = await migrate(database.config.database.directUrl);
        output.record({ applied });
      } finally {
        await database.close();
      }
    });
};
