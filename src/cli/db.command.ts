import { AuditLog } from '../audit';
import { migrate } from '../database/data-source';
import { loadConfig } from '../platform/config';
import { DatabaseGenerationRepository, UnitOfWork } from '../platform/database';
import { type CommandDefinition, withApplication } from './application';
import { openDatabase } from './open-database';
import { createOutput } from './output';

export const dbCommand: CommandDefinition = (program) => {
  const db = program.command('db').description('the database');

  db.command('migrate')
    .description('apply missing migrations; several processes may run it at once')
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

  db.command('restored')
    .description(
      'run this after every restore of a backup, because work done after the backup may have reached providers',
    )
    .requiredOption('--reason <text>', 'for the audit log')
    .action((options: { reason: string }, command) =>
      withApplication(command, async ({ app, output }) => {
        const generation = await app.get(UnitOfWork).run(async (tx) => {
          const next = await app.get(DatabaseGenerationRepository).bump(tx);
          await app.get(AuditLog).record(tx, {
            action: 'database.restored',
            subject: { type: 'database_generation', id: String(next) },
            reason: options.reason,
          });
          return next;
        });
        output.record({ generation });
        output.note('Waiting payments are searched for at the provider before they are sent.');
      }),
    );
};
