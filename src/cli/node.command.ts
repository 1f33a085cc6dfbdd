import { InvalidArgumentError } from 'commander';
import { ADMINISTRATOR, NODE_TYPES, NodeIntegrationService, NodeService, type NodeType } from '../nodes';
import type { Environment } from '../platform/http';
import { withApplication, type CommandDefinition } from './application';
import { collect, environment, uuid, wholeNumberArgument } from './arguments';

const SHOWN_ONCE = 'The secret is shown this once: store it now.';
const MAX_ROWS = 10_000;

interface CreateOptions {
  name: string;
  type: NodeType;
  parent?: string;
  merchant?: string;
  environment?: Environment;
}

interface CreateKeyOptions {
  node: string;
  name: string;
  permission?: string[];
  expiresInDays?: number;
}

export const nodeCommand: CommandDefinition = (program) => {
  const node = program.command('node').description('the node tree and the API keys of its nodes');

  node
    .command('create')
    .description('add a node; without --parent it is a root')
    .requiredOption('--name <name>', 'a name for people', name)
    .option('--type <type>', NODE_TYPES.join(', '), nodeType, 'account')
    .option('--parent <id>', 'the parent node', uuid)
    .option('--merchant <id>', 'with --environment: tokens of the node may call /v2 for this merchant', uuid)
    .option('--environment <name>', 'with --merchant: sandbox or live', environment)
    .action((options: CreateOptions, command) =>
      withApplication(command, async ({ app, output }) => {
        const created = await app.get(NodeService).create(ADMINISTRATOR, {
          name: options.name,
          type: options.type,
          parentId: options.parent ?? null,
          merchantId: options.merchant ?? null,
          environment: options.environment ?? null,
        });
        output.record({ ...created });
      }),
    );

  node
    .command('list')
    .description('list nodes, parents before their children')
    .action((_options, command) =>
      withApplication(command, async ({ app, output }) => {
        const { items } = await app.get(NodeService).list(ADMINISTRATOR, { limit: MAX_ROWS, offset: 0 });
        output.rows(items.map((each) => ({ ...each })));
      }),
    );

  const key = node.command('key').description('API keys and secrets of nodes');

  key
    .command('create')
    .description('create an API key and secret for a node and show the secret once')
    .requiredOption('--node <id>', 'whose key it is', uuid)
    .requiredOption('--name <name>', 'a name for people', name)
    .option('--permission <permission>', 'such as integrations.read; may be repeated', collect)
    .option('--expires-in-days <days>', 'default: never', wholeNumberArgument(1, 3650))
    .action((options: CreateKeyOptions, command) =>
      withApplication(command, async ({ app, output }) => {
        const { expiresInDays: days } = options;
        const { integration, secret } = await app.get(NodeIntegrationService).create(ADMINISTRATOR, {
          nodeId: options.node,
          name: options.name,
          permissions: options.permission ?? [],
          expiresAt: days === undefined ? null : new Date(Date.now() + days * 86_400_000),
        });
        output.record({ ...integration, secret });
        output.note(SHOWN_ONCE);
      }),
    );

  key
    .command('list')
    .description('list the keys of a node, without their secrets')
    .requiredOption('--node <id>', 'whose keys', uuid)
    .action((options: { node: string }, command) =>
      withApplication(command, async ({ app, output }) => {
        const page = { limit: MAX_ROWS, offset: 0 };
        const { items } = await app.get(NodeIntegrationService).list(ADMINISTRATOR, options.node, page);
        output.rows(items.map((each) => ({ ...each })));
      }),
    );

  key
    .command('rotate')
    .description('replace the secret of a key')
    .argument('<id>', 'the id of the key', uuid)
    .option(
      '--overlap-seconds <seconds>',
      'how long the old secret keeps working',
      wholeNumberArgument(0, 7 * 86_400),
      86_400,
    )
    .action((id: string, options: { overlapSeconds: number }, command) =>
      withApplication(command, async ({ app, output }) => {
        const rotated = await app.get(NodeIntegrationService).rotateSecret(ADMINISTRATOR, id, options);
        output.record({
          ...rotated.integration,
          secret: rotated.secret,
          oldSecretEnds: rotated.previousSecretUntil,
        });
        output.note(SHOWN_ONCE);
      }),
    );

  key
    .command('delete')
    .description('revoke a key and all of its tokens')
    .argument('<id>', 'the id of the key', uuid)
    .action((id: string, _options, command) =>
      withApplication(command, async ({ app, output }) => {
        await app.get(NodeIntegrationService).remove(ADMINISTRATOR, id);
        output.record({ id, deleted: true });
      }),
    );
};

function name(value: string): string {
  if (value.trim() === '' || value.length > 255) throw new InvalidArgumentError('It must be 1 to 255 characters.');
  return value;
}

function nodeType(value: string): NodeType {
  const known = NODE_TYPES.find((each) => each === value);
  if (!known) throw new InvalidArgumentError(`It must be one of ${NODE_TYPES.join(', ')}.`);
  return known;
}
