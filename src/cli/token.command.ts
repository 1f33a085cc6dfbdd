import { InvalidArgumentError } from 'commander';
import { AccessTokens, SigningKeys } from '../auth';
import { MerchantService } from '../merchants';
import { InterlockError } from '../platform/errors';
import type { Environment } from '../platform/http';
import { type CommandDefinition, withApplication } from './application';
import { collect, environment, uuid, wholeNumberArgument } from './arguments';
import { operatorName } from './operator';

const ROLES = ['admin', 'operator', 'viewer'] as const;
type Role = (typeof ROLES)[number];

interface IssueOptions {
  subject: string;
  role?: Role[];
  permission?: string[];
  node?: string[];
  merchant?: string;
  environment?: Environment;
  days: number;
}

export const tokenCommand: CommandDefinition = (program) => {
  const token = program.command('token').description('access tokens and the keys that sign them');

  token
    .command('issue')
    .description('issue a token, on record')
    .option('--subject <name>', 'whom it is for', operatorName())
    .option('--role <role>', `${ROLES.join(', ')}; may be repeated`, role)
    .option('--permission <permission>', 'such as integrations.read; may be repeated', collect)
    .option('--node <id>', 'a node that it reaches; may be repeated', nodeId)
    .option('--merchant <id>', 'for /v2: on behalf of this merchant', uuid)
    .option('--environment <name>', 'for /v2: sandbox or live', environment)
    .option('--days <days>', 'how long it lives', wholeNumberArgument(1, 30), 30)
    .action((options: IssueOptions, command) => {
      if (options.role === undefined && options.permission === undefined) {
        throw new InterlockError('invalid_request', {
          message: 'Give a --role or a --permission: without, it may do nothing.',
        });
      }
      return withApplication(command, async ({ app, output }) => {
        if (options.merchant !== undefined) await app.get(MerchantService).get(options.merchant);
        const issued = await app.get(AccessTokens).issue({
          subject: options.subject,
          roles: options.role ?? [],
          permissions: options.permission ?? [],
          nodeIds: options.node ?? [],
          merchantId: options.merchant,
          environment: options.environment,
          ttlSeconds: options.days * 86_400,
          now: new Date(),
        });
        output.record({ ...issued });
      });
    });

  token
    .command('list')
    .description('the tokens that were issued on record, or revoked, the newest first')
    .action((_options, command) =>
      withApplication(command, async ({ app, output }) => {
        output.rows((await app.get(AccessTokens).list()).map(({ id: _id, ...each }) => ({ ...each })));
      }),
    );

  token
    .command('revoke')
    .description('refuse one token, on every process within 20 seconds, mostly within milliseconds')
    .argument('<jti>', 'the jti of the token; of another issuer as well')
    .action((jti: string, _options, command) =>
      withApplication(command, async ({ app, output }) => {
        const { id: _id, ...revoked } = await app.get(AccessTokens).revoke({ jti });
        output.record({ ...revoked });
        if (revoked.subject === null)
          output.note('Nothing else is known of this jti here: make sure that it is right.');
      }),
    );

  token
    .command('rotate-key')
    .description('sign with a new key from now on; tokens of the old one stay good until they expire')
    .action((_options, command) =>
      withApplication(command, async ({ app, output }) => output.record(await app.get(SigningKeys).rotate())),
    );

  token
    .command('withdraw-key')
    .description('refuse every token that this key signed, at once')
    .argument('<kid>', 'the id of the signing key', uuid)
    .action((kid: string, _options, command) =>
      withApplication(command, async ({ app, output }) => {
        await app.get(SigningKeys).withdraw(kid);
        output.record({ kid, withdrawn: true });
      }),
    );
};

function role(value: string, previous: readonly Role[] | undefined): Role[] {
  const known = ROLES.find((each) => each === value);
  if (!known) throw new InvalidArgumentError(`It must be one of ${ROLES.join(', ')}.`);
  return [...(previous ?? []), known];
}

function nodeId(value: string, previous: readonly string[] | undefined): string[] {
  return collect(uuid(value), previous);
}
