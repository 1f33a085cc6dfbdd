import { apiKeyCommand } from './api-key.command';
import type { CommandDefinition } from './application';
import { auditCommand } from './audit.command';
import { configCommand } from './config.command';
import { dbCommand } from './db.command';
import { merchantCommand } from './merchant.command';
import { nodeCommand } from './node.command';
import { operatorCommand } from './operator.command';
import { providerCommand } from './provider.command';
import { tokenCommand } from './token.command';
import { vaultCommand } from './vault.command';

/** Every command, in the order of the help. A new one is a file beside these and a line here. */
export const COMMANDS: readonly CommandDefinition[] = [
  merchantCommand,
  apiKeyCommand,
  nodeCommand,
  tokenCommand,
  operatorCommand,
  providerCommand,
  vaultCommand,
  auditCommand,
  dbCommand,
  configCommand,
];
