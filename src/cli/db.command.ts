import type { Command } from 'commander';
import { AuditLog } from '../audit';
import { migrate } from '../database/data-source';
import { databaseStatus } from '../database/database-status';
import { loadConfig } from '../platform/config';
import { DatabaseGenerationRepository, UnitOfWork } from '../platform/database';
import { withApplication, type CommandDefinition } from './application';
import { openDatabase } from './open-database';
import { createOutput, type Output } from './output';

export const dbCommand: CommandDefinition = (program) => {
  const db = program.command('db').description('the database');

  db.command('migrate')
    .description('apply missing migrations; several processes may run it at once')
    .option('--dry-run', 'only print their names')
    .action((options: { dryRun?: boolean }, command) =>
      withDatabase(command, async (url, output) => {
        if (options.dryRun) output.record({ missing: (await databaseStatus(url)).missing });
        else output.record({ applied: await migrate(url) });
      }),
    );

  db.command('status')
    .description(
      'the server, the size of the database, and which migrations it has, lacks, or has from a newer version',
    )
    .action((_options, command) =>
      withDatabase(command, async (url, output) => {
        const { applied, ...status } = await databaseStatus(url);
        output.record({ ...status, applied: applied.length });
      }),
    );

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

/** For work that needs the database, as it is, and no service. */
async function withDatabase(command: Command, work: (url: string, output: Output) => Promise<void>): Promise<void> {
  const output = createOutput(command.optsWithGlobals<{ json?: boolean }>().json === true);
  const database = await openDatabase(loadConfig(process.env), (line) => output.note(line), {
    migrated: false,
  });
  try {
    await work(database.config.database.directUrl, output);
  } finally {
    await database.close();
  }
}
