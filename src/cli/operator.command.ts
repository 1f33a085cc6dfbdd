import { Operators } from '../operators';
import { withApplication, type CommandDefinition } from './application';

export const operatorCommand: CommandDefinition = (program) => {
  const operator = program.command('operator').description('who uses the console and the admin API');

  operator
    .command('list')
    .description('list operators, the last seen first')
    .action((_options, command) =>
      withApplication(command, async ({ app, output }) => {
        output.rows((await app.get(Operators).list()).map((each) => ({ ...each })));
      }),
    );

  operator
    .command('disable')
    .description('end every session and refuse every token; every process does so within 20 seconds')
    .argument('<subject>', 'the subject of the tokens')
    .action((subject: string, _options, command) =>
      withApplication(command, async ({ app, output }) =>
        output.record({ ...(await app.get(Operators).disable(subject)) }),
      ),
    );

  operator
    .command('enable')
    .description('let a disabled operator in again')
    .argument('<subject>', 'the subject of the tokens')
    .action((subject: string, _options, command) =>
      withApplication(command, async ({ app, output }) =>
        output.record({ ...(await app.get(Operators).enable(subject)) }),
      ),
    );
};
