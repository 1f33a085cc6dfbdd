import { MerchantService } from '../merchants';
import { withApplication, type CommandDefinition } from './application';

export const merchantCommand: CommandDefinition = (program) => {
  const merchant = program.command('merchant').description('merchants');

  merchant
    .command('create')
    .description('create a merchant')
    .requiredOption('--name <name>', 'a name for people')
    .option('--currency <code>', 'default currency, ISO 4217', 'GBP')
    .action((options: { name: string; currency: string }, command) =>
      withApplication(command, async ({ app, output }) => {
        const created = await app
          .get(MerchantService)
          .create({ name: options.name, defaultCurrency: options.currency.toUpperCase() });
        output.record({ ...created });
      }),
    );

  merchant
    .command('list')
    .description('list merchants, oldest first')
    .action((_options, command) =>
      withApplication(command, async ({ app, output }) => {
        output.rows((await app.get(MerchantService).list()).map((each) => ({ ...each })));
      }),
    );
};
