import { once } from 'node:events';
import { AuditVerifier, readAnchor, writeAnchor } from '../audit';
import { InterlockError } from '../platform/errors';
import { type CommandDefinition, withApplication } from './application';

export const auditCommand: CommandDefinition = (program) => {
  const audit = program.command('audit').description('the audit log');

  audit
    .command('verify')
    .description('read the whole chain, and name every entry that was altered, dropped, inserted, moved or cut off')
    .option('--anchor <file>', 'the end of the chain as last seen; checked, and moved on when all is well')
    .action((options: { anchor?: string }, command) =>
      withApplication(command, async ({ app, output }) => {
        const anchor = options.anchor === undefined ? null : await readAnchor(options.anchor);
        const { faults, end, ...verdict } = await app.get(AuditVerifier).verify(anchor);
        output.record({
          ...verdict,
          anchor: anchor?.sequence ?? null,
          lastSequence: end.sequence,
          lastHash: end.hash,
          faults,
        });
        if (options.anchor === undefined) {
          output.note('Without --anchor FILE an end that was cut off cannot be seen.');
        } else if (verdict.intact) {
          await writeAnchor(options.anchor, end);
          output.note(
            `${anchor ? 'Anchor moved' : 'First anchor set'} to ${end.sequence}. Keep it out of the database's reach.`,
          );
        }
        if (!verdict.intact) {
          throw new InterlockError('conflict', {
            message: `The audit log was tampered with: ${faults.length} faults.`,
          });
        }
      }),
    );

  audit
    .command('export')
    .description('every entry as a line of JSON: in the order of the chain, then what is not chained yet')
    .action((_options, command) =>
      withApplication(command, async ({ app }) => {
        for await (const entry of app.get(AuditVerifier).export()) {
          if (!process.stdout.write(`${JSON.stringify(entry)}\n`)) await once(process.stdout, 'drain');
        }
      }),
    );
};
