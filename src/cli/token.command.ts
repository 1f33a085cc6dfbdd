import { InvalidArgumentError } from 'commander';
import { AccessTokens, SigningKeys } from '../auth';
import { MerchantService } from '../merchants';
import { InterlockError } from '../platform/errors';
import type { Environment } from '../platform/http';
import { withApplication, type CommandDefinition } from './application';
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
    .description('issue a token and record it')
    .option('--subject <name>', 'subject of the token', operatorName())
    .option('--role <role>', `${ROLES.join(', ')}; may be repeated`, role)
    .option('--permission <permission>', 'such as integrations.read; may be repeated', collect)
    .option('--node <id>', 'a node that the token may act on; may be repeated', nodeId)
    .option('--merchant <id>', 'for /v2: on behalf of this merchant', uuid)
    .option('--environment <name>', 'for /v2: sandbox or live', environment)
    .option('--days <days>', 'lifetime in days', wholeNumberArgument(1, 30), 30)
    .action((options: IssueOptions, command) => {
      if (options.role === undefined && options.permission === undefined) {
        throw new InterlockError('invalid_request', {
          message: 'Give a --role or a --permission. A token without them is of no use.',
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
    .description('list recorded and revoked tokens, newest first')
    .action((_options, command) =>
      withApplication(command, async ({ app, output }) => {
        output.rows((await app.get(AccessTokens).list()).map(({ id: _id, ...each }) => ({ ...each })));
      }),
    );

  token
    .command('revoke')
    .description('revoke one token; every process refuses it within 20 seconds, usually within milliseconds')
    .argument('<jti>', 'the jti of the token; it may come from another issuer')
    .action((jti: string, _options, command) =>
      withApplication(command, async ({ app, output }) => {
        const { id: _id, ...revoked } = await app.get(AccessTokens).revoke({ jti });
        output.record({ ...revoked });
        if (revoked.subject === null) output.note('This jti is not on record here. Check that it is right.');
      }),
    );

  token
    .command('rotate-key')
    .description('sign with a new key from now on; tokens of the old key stay valid until they expire')
    .action((_options, command) =>
      withApplication(command, async ({ app, output }) => output.record(await app.get(SigningKeys).rotate())),
    );

  token
    .command('withdraw-key')
    .description('refuse every token that this key signed, immediately')
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
