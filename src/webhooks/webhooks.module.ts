import { Module, Optional, type DynamicModule, type ModuleMetadata, type OnModuleInit } from '@nestjs/common';
import { AuditModule } from '../audit';
import { EVENT_DAYS, EventRepository, EventsModule } from '../events';
import { IdempotencyModule } from '../idempotency';
import { IntegrationsModule } from '../integrations';
import type { AppConfig } from '../platform/config';
import { RetentionTasks } from '../platform/retention';
import { SyncExtensions } from '../sync';
import { VaultModule } from '../vault';
import { EndpointActions } from './endpoint-actions.service';
import { EndpointsService } from './endpoints.service';
import { EventBody } from './event-body';
import { EventReads } from './event-reads';
import { EventsController } from './http/events.controller';
import { WebhookEndpointsController } from './http/webhook-endpoints.controller';
import { SecretExpiry } from './secret-expiry';
import { Signers } from './signers';
import { DeliveryRepository } from './store/delivery.repository';
import { EndpointRepository } from './store/endpoint.repository';
import { WebhookClient } from './webhook-client';
import { WebhookDispatcher } from './webhook-dispatcher';
import { WebhookMetrics } from './webhook-metrics';

/** For looking into what went wrong last week. */
const ATTEMPT_DAYS = 7;

@Module({})
export class WebhooksModule implements OnModuleInit {
  constructor(
    private readonly extensions: SyncExtensions,
    private readonly events: EventRepository,
    private readonly deliveries: DeliveryRepository,
    @Optional() private readonly retention?: RetentionTasks,
  ) {}

  /** `imports`: the module of syncs. */
  static forRoot(config: Pick<AppConfig, 'runsWork'>, imports: NonNullable<ModuleMetadata['imports']>): DynamicModule {
    return {
      module: WebhooksModule,
      imports: [AuditModule, EventsModule, IdempotencyModule, IntegrationsModule, VaultModule, ...imports],
      controllers: [EventsController, WebhookEndpointsController],
      providers: [
        EndpointRepository,
        DeliveryRepository,
        EndpointsService,
        EndpointActions,
        EventBody,
        EventReads,
        Signers,
        WebhookClient,
        WebhookMetrics,
        ...(config.runsWork ? [WebhookDispatcher, SecretExpiry] : []),
      ],
      exports: [EndpointsService, EndpointActions],
    };
  }

  onModuleInit(): void {
    this.extensions.registerEraser(async (tx, integration) => {
      await this.deliveries.eraseIntegration(tx, integration);
      await this.events.eraseIntegration(tx, integration.id);
    });
    this.retention?.register(
      { name: 'webhook_attempts', trim: (limit) => this.deliveries.removeOldAttempts(ATTEMPT_DAYS, limit) },
      // their events are gone
      { name: 'webhook_held', trim: (limit) => this.deliveries.removeOldHeld(EVENT_DAYS, limit) },
    );
  }
}
