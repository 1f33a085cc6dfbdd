import { Module } from '@nestjs/common';
import { AuditModule } from '../audit';
import { AuthModule } from '../auth';
import { IntegrationsModule } from '../integrations';
import { VaultModule } from '../vault';
import { BulkRetry } from './bulk-retry.service';
import { DeletionPlans } from './deletion-plans.service';
import { FiguresForMetrics } from './figures';
import { AdminIntegrationsController } from './http/admin-integrations.controller';
import { AdminMerchantsController } from './http/admin-merchants.controller';
import { DeletionPlansController } from './http/deletion-plans.controller';
import { LiveController } from './http/live.controller';
import { OperationsController } from './http/operations.controller';
import { OverviewController } from './http/overview.controller';
import { SessionController } from './http/session.controller';
import { TroubleController } from './http/trouble.controller';
import { IntegrationActs } from './integration-acts.service';
import { LiveRuns } from './live-runs';
import { OverviewService } from './overview.service';
import { RotationRunner } from './rotation-runner';
import { AdminIntegrationRepository } from './store/admin-integration.repository';
import { AdminListRepository } from './store/admin-list.repository';
import { BulkRetryRepository } from './store/bulk-retry.repository';
import { DeletionPlanDecisionRepository } from './store/deletion-plan-decision.repository';
import { FiguresRepository } from './store/figures.repository';
import { OverviewRepository } from './store/overview.repository';
import { TimelineRepository } from './store/timeline.repository';
import { TroubleListRepository } from './store/trouble-list.repository';

@Module({
  imports: [AuditModule, AuthModule, VaultModule, IntegrationsModule],
  controllers: [
    OverviewController,
    LiveController,
    AdminIntegrationsController,
    DeletionPlansController,
    AdminMerchantsController,
    OperationsController,
    TroubleController,
    SessionController,
  ],
  providers: [
    AdminIntegrationRepository,
    AdminListRepository,
    BulkRetryRepository,
    DeletionPlanDecisionRepository,
    FiguresRepository,
    OverviewRepository,
    TimelineRepository,
    TroubleListRepository,
    BulkRetry,
    DeletionPlans,
    FiguresForMetrics,
    IntegrationActs,
    LiveRuns,
    OverviewService,
    RotationRunner,
  ],
})
export class AdminModule {}
