import { AdminApprovalEntity, AdminApprovalStepEntity, AdminBulkRetryEntity } from '../admin/store/approval.entity';
import { IntegrationEventEntity } from '../admin/store/integration-event.entity';
import { ProviderIncidentEntity } from '../admin/store/provider-incident.entity';
import { AuditChainLinkEntity, AuditEntryEntity, AuditUnchainedEntity } from '../audit/store/audit.entity';
import { AuditStreamEntity } from '../audit/store/stream.entity';
import { AccessTokenEntity } from '../auth/store/access-token.entity';
import { ApiKeyEntity } from '../auth/store/api-key.entity';
import { ExchangeTriesEntity } from '../auth/store/exchange-tries.entity';
import { RateLimitEntity } from '../auth/store/rate-limit.entity';
import { SigningKeyEntity } from '../auth/store/signing-key.entity';
import { EventEntity, EventLogEntity } from '../events/store/event.entity';
import { IdempotencyDigestKeyEntity, IdempotencyRecordEntity } from '../idempotency/store/idempotency.entity';
import { GrantRefreshEntity } from '../integrations/store/grant-refresh.entity';
import { IntegrationClaimEntity, IntegrationEntity } from '../integrations/store/integration.entity';
import { KeyManagementGateEntity } from '../integrations/store/key-management-gate.entity';
import { ProviderBudgetEntity } from '../integrations/store/provider-budget.entity';
import { ProviderSightingEntity } from '../integrations/store/provider-sighting.entity';
import { PaymentMappingEntity } from '../mappings/store/payment-mapping.entity';
import { ProductMappingEntity } from '../mappings/store/product-mapping.entity';
import { MerchantEntity } from '../merchants/store/merchant.entity';
import { ProductEntity } from '../merchants/store/product.entity';
import { NodeIntegrationEntity } from '../nodes/store/node-integration.entity';
import { NodeRefreshTokenEntity, NodeSessionEntity } from '../nodes/store/node-session.entity';
import { NodeEntity } from '../nodes/store/node.entity';
import { OperatorEntity, OperatorSessionEndEntity } from '../operators/store/operator.entity';
import { OutboundPaymentEntity } from '../payments/store/outbound-payment.entity';
import { DatabaseGenerationEntity } from '../platform/database/store/database-generation.entity';
import { ProviderManifestEntity } from '../providers/store/provider-manifest.entity';
import { SyncCursorEntity, SyncScanPageEntity } from '../sync/store/cursor.entity';
import { SyncDeletionPlanEntity } from '../sync/store/deletion-plan.entity';
import { SyncFormerRecordsEntity } from '../sync/store/former-record.entity';
import { ProviderBreakerEntity, ProviderFailureEntity, SyncHealthEntity } from '../sync/store/health.entity';
import { SyncLogRetryEntity } from '../sync/store/log-retry.entity';
import { SyncLogEntity } from '../sync/store/log.entity';
import { SyncQuarantineEntity } from '../sync/store/quarantine.entity';
import { RecordEntity, SyncFeedEntity } from '../sync/store/record.entity';
import { SyncRunEntity } from '../sync/store/run.entity';
import { SyncScheduleEntity } from '../sync/store/schedule.entity';
import { SyncWatermarkEntity } from '../sync/store/watermark.entity';
import { DestroyedSecretEntity, VaultRotationEntity } from '../vault/store/rotation.entity';
import { SealedSecretEntity } from '../vault/store/sealed-secret.entity';
import {
  WebhookAttemptEntity,
  WebhookCursorEntity,
  WebhookEndpointEntity,
  WebhookHeldEntity,
  WebhookReplayEntity,
} from '../webhooks/store/webhook.entity';

/** The explicit list; a test holds it against the migrated schema, column by column. */
export const ENTITIES = [
  DatabaseGenerationEntity,
  AuditEntryEntity,
  AuditChainLinkEntity,
  AuditUnchainedEntity,
  AuditStreamEntity,
  SealedSecretEntity,
  DestroyedSecretEntity,
  VaultRotationEntity,
  MerchantEntity,
  ProductEntity,
  AccessTokenEntity,
  ApiKeyEntity,
  SigningKeyEntity,
  RateLimitEntity,
  IdempotencyRecordEntity,
  IdempotencyDigestKeyEntity,
  IntegrationEntity,
  IntegrationClaimEntity,
  ProviderBudgetEntity,
  ProviderSightingEntity,
  ProviderManifestEntity,
  GrantRefreshEntity,
  KeyManagementGateEntity,
  NodeEntity,
  NodeIntegrationEntity,
  NodeSessionEntity,
  NodeRefreshTokenEntity,
  ExchangeTriesEntity,
  SyncScheduleEntity,
  SyncHealthEntity,
  ProviderBreakerEntity,
  ProviderFailureEntity,
  SyncRunEntity,
  SyncLogEntity,
  SyncCursorEntity,
  SyncScanPageEntity,
  SyncQuarantineEntity,
  SyncDeletionPlanEntity,
  RecordEntity,
  SyncFeedEntity,
  SyncFormerRecordsEntity,
  SyncLogRetryEntity,
  SyncWatermarkEntity,
  ProductMappingEntity,
  PaymentMappingEntity,
  OperatorEntity,
  OperatorSessionEndEntity,
  OutboundPaymentEntity,
  EventLogEntity,
  EventEntity,
  WebhookEndpointEntity,
  WebhookCursorEntity,
  WebhookHeldEntity,
  WebhookReplayEntity,
  WebhookAttemptEntity,
  AdminApprovalEntity,
  AdminApprovalStepEntity,
  AdminBulkRetryEntity,
  IntegrationEventEntity,
  ProviderIncidentEntity,
];
