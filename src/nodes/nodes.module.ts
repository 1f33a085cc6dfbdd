import { Module } from '@nestjs/common';
import { AuditModule } from '../audit';
import { AuthModule } from '../auth';
import { EventsModule } from '../events';
import { IdempotencyModule } from '../idempotency';
import { Holders } from './holders';
import { NodeIntegrationsController } from './http/node-integrations.controller';
import { NodesController } from './http/nodes.controller';
import { TokenExchangeController } from './http/token-exchange.controller';
import { NodeCleanup } from './node-cleanup';
import { NodeIntegrationService } from './node-integration.service';
import { NodeService } from './node.service';
import { RevokedTokens } from './revoked-tokens';
import { SecretHasher } from './secret-hasher';
import { NodeIntegrationRepository } from './store/node-integration.repository';
import { NodeSessionRepository } from './store/node-session.repository';
import { NodeRepository } from './store/node.repository';
import { TokenExchangeService } from './token-exchange.service';

@Module({
  imports: [AuditModule, AuthModule, EventsModule, IdempotencyModule],
  controllers: [NodesController, NodeIntegrationsController, TokenExchangeController],
  providers: [
    NodeService,
    NodeRepository,
    NodeIntegrationService,
    NodeIntegrationRepository,
    Holders,
    NodeSessionRepository,
    TokenExchangeService,
    SecretHasher,
    RevokedTokens,
    NodeCleanup,
  ],
  exports: [NodeService, NodeIntegrationService],
})
export class NodesModule {}
