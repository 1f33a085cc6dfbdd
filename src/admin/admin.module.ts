import { Module, Optional, type DynamicModule, type ModuleMetadata, type OnModuleInit } from '@nestjs/common';
import { AuditModule } from '../audit';
import { AuthModule } from '../auth';
import { EventsModule } from '../events';
import { IntegrationsModule } from '../integrations';
import { MerchantsModule } from '../merchants';
import { OperatorsModule } from '../operators';
import { AppConfig } from '../platform/config';
import { RetentionTasks } from '../platform/retention';
import { VaultModule } from '../vault';
import { ApprovalExecutor } from './approval-executor';
import { Approvals } from './approvals.service';
import { BulkRetry } from './bulk-retry.service';
import { FindingsService } from './findings.service';
import { AdminIntegrationsController } from './http/admin-integrations.controller';
import { AdminMerchantsController } from './http/admin-merchants.controller';
import { AdminProvidersController } from './http/admin-providers.controller';
import { ApprovalsController } from './http/approvals.controller';
import { AuditExportController } from './http/audit-export.controller';
import { DeletionPlansController } from './http/deletion-plans.controller';
import { IncidentsController } from './http/incidents.controller';
import { LiveController } from './http/live.controller';
import { OperationsController } from './http/operations.controller';
import { OperatorsController } from './http/operators.controller';
import { OverviewController } from './http/overview.controller';
import { PaymentReviewsController } from './http/payment-reviews.controller';
import { QuarantineController } from './http/quarantine.controller';
import { RunsController } from './http/runs.controller';
import { SessionController } from './http/session.controller';
import { SignInController } from './http/sign-in.controller';
import { TokensController } from './http/tokens.controller';
import { AdminWebhookEndpointsController } from './http/webhook-endpoints.controller';
import { LiveRuns } from './live-runs';
import { OperatorActions } from './operator-actions.service';
import { OverviewService } from './overview.service';
import { ProviderList } from './provider-list.service';
import { RotationRunner } from './rotation-runner';
import { ServiceFaults } from './service-faults';
import { ServiceGauges } from './service-gauges';
import { AdminIntegrationRepository } from './store/admin-integration.repository';
import { AdminListRepository } from './store/admin-list.repository';
import { AdminRetentionRepository } from './store/admin-retention.repository';
import { ApprovalRepository } from './store/approval.repository';
import { DeletionPlanListRepository } from './store/deletion-plan-list.repository';
import { FindingRepository } from './store/finding.repository';
import { GaugeRepository } from './store/gauge.repository';
import { IncidentListRepository } from './store/incident-list.repository';
import { OverviewRepository } from './store/overview.repository';
import { PaymentReviewRepository } from './store/payment-review.repository';
import { ProviderUsageRepository } from './store/provider-usage.repository';
import { QuarantineListRepository } from './store/quarantine-list.repository';
import { RunListRepository } from './store/run-list.repository';
import { TimelineRepository } from './store/timeline.repository';

@Module({
  imports: [AuditModule, AuthModule, OperatorsModule, MerchantsModule, EventsModule, VaultModule, IntegrationsModule],
  controllers: [
    OverviewController,
    LiveController,
    AdminIntegrationsController,
    ApprovalsController,
    DeletionPlansController,
    AdminMerchantsController,
    OperationsController,
    PaymentReviewsController,
    IncidentsController,
    QuarantineController,
    RunsController,
    AuditExportController,
    TokensController,
    AdminWebhookEndpointsController,
    SessionController,
    SignInController,
    OperatorsController,
    AdminProvidersController,
  ],
  providers: [
    AdminIntegrationRepository,
    AdminListRepository,
    AdminRetentionRepository,
    ApprovalRepository,
    ApprovalExecutor,
    Approvals,
    DeletionPlanListRepository,
    FindingRepository,
    GaugeRepository,
    IncidentListRepository,
    OverviewRepository,
    PaymentReviewRepository,
    TimelineRepository,
    QuarantineListRepository,
    RunListRepository,
    BulkRetry,
    FindingsService,
    ServiceFaults,
    ServiceGauges,
    OperatorActions,
    LiveRuns,
    OverviewService,
    RotationRunner,
    ProviderList,
    ProviderUsageRepository,
  ],
})
export class AdminModule implements OnModuleInit {
  /** `imports`: the modules of syncs, payments and webhooks. */
  static forRoot(imports: NonNullable<ModuleMetadata['imports']>): DynamicModule {
    return { module: AdminModule, imports };
  }

  constructor(
    private readonly config: AppConfig,
    private readonly retention: AdminRetentionRepository,
    @Optional() private readonly retentionTasks?: RetentionTasks,
  ) {}

  onModuleInit(): void {
    const days = this.config.retentionLogDays;
    this.retentionTasks?.register(
      { name: 'integration_events', trim: (limit) => this.retention.removeEvents(days, limit) },
      { name: 'provider_incidents', trim: (limit) => this.retention.removeIncidents(days, limit) },
      { name: 'admin_approvals', trim: (limit) => this.retention.removeApprovals(days, limit) },
      { name: 'admin_bulk_retries', trim: (limit) => this.retention.removeBulkRetries(limit) },
    );
  }
}
