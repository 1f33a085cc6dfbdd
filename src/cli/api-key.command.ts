import { ApiKeyService } from '../auth';
import type { Environment } from '../platform/http';
import { withApplication, type CommandDefinition } from './application';
import { collect, environment, uuid, wholeNumberArgument } from './arguments';

const DEFAULT_SCOPES = ['integrations:*', 'sync:*', 'events:read', 'webhooks:*'];
const SHOWN_ONCE = 'The key is shown this once: store it now.';

interface CreateOptions {
  merchant: string;
  environment: Environment;
  name: string;
  scope?: string[];
  expiresInDays?: number;
  allowFrom?: string[];
}

export const apiKeyCommand: CommandDefinition = (program) => {
  const apiKey = program.command('api-key').description('API keys of merchants');

  apiKey
    .command('create')
    .description('create a key and show it once')
    .requiredOption('--merchant <id>', 'whose key it is', uuid)
    .requiredOption('--environment <name>', 'sandbox or live', environment)
    .option('--name <name>', 'a name for people', 'default')
    .option('--scope <scope>', `may be repeated (default: ${DEFAULT_SCOPES.join(' ')})`, collect)
    .option('--expires-in-days <days>', 'default: never', wholeNumberArgument(1, 3650))
    .option('--allow-from <cidr>', 'where it may be used from; may be repeated (default: anywhere)', collect)
    .action((options: CreateOptions, command) =>
      withApplication(command, async ({ app, output }) => {
        const issued = await app.get(ApiKeyService).create({
          merchantId: options.merchant,
          environment: options.environment,
          name: options.name,
          scopes: options.scope ?? DEFAULT_SCOPES,
          allowedCidrs: options.allowFrom ?? null,
          expiresAt:
            options.expiresInDays === undefined ? null : new Date(Date.now() + options.expiresInDays * 86_400_000),
        });
        output.record({ ...issued.apiKey, key: issued.key.reveal() });
        output.note(SHOWN_ONCE);
      }),
    );

  apiKey
    .command('list')
    .description('list the keys of a merchant, without the keys themselves')
    .requiredOption('--merchant <id>', 'whose keys', uuid)
    .action((options: { merchant: string }, command) =>
      withApplication(command, async ({ app, output }) => {
        output.rows((await app.get(ApiKeyService).list(options.merchant)).map((each) => ({ ...each })));
      }),
    );

  apiKey
    .command('revoke')
    .description('revoke a key; every process refuses it within one second')
    .argument('<id>', 'the id of the key', uuid)
    .action((id: string, _options, command) =>
      withApplication(command, async ({ app, output }) => {
        output.record({ ...(await app.get(ApiKeyService).revoke(id)) });
      }),
    );

  apiKey
    .command('allow-from')
    .description('say where a key may be used from; without a network: anywhere')
    .argument('<id>', 'the id of the key', uuid)
    .argument('[cidr...]', 'addresses or networks, such as 203.0.113.0/24')
    .action((id: string, ranges: string[], _options, command) =>
      withApplication(command, async ({ app, output }) => {
        output.record({ ...(await app.get(ApiKeyService).allowFrom(id, ranges.length === 0 ? null : ranges)) });
      }),
    );

  apiKey
    .command('rotate')
    .description('replace a key with a new one that has the same rights')
    .argument('<id>', 'the id of the key', uuid)
    .option(
      '--overlap-seconds <seconds>',
      'how long the old key keeps working',
      wholeNumberArgument(0, 7 * 86_400),
      86_400,
    )
    .action((id: string, options: { overlapSeconds: number }, command) =>
      withApplication(command, async ({ app, output }) => {
        const rotated = await app.get(ApiKeyService).rotate(id, options);
        output.record({
          ...rotated.apiKey,
          key: rotated.key.reveal(),
          replacedKeyEnds: rotated.replaced.revokedAt ?? rotated.replaced.expiresAt,
        });
        output.note(SHOWN_ONCE);
      }),
    );
};
