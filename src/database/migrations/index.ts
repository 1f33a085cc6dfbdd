import { Audit1780000000001 } from './1780000000001-audit';
import { Vault1780000000002 } from './1780000000002-vault';
import { Merchants1780000000003 } from './1780000000003-merchants';
import { Auth1780000000004 } from './1780000000004-auth';
import { Idempotency1780000000005 } from './1780000000005-idempotency';
import { Integrations1780000000010 } from './1780000000010-integrations';
import { Sync1780000000011 } from './1780000000011-sync';
import { Mappings1780000000020 } from './1780000000020-mappings';
import { SyncVisibility1780000000021 } from './1780000000021-sync-visibility';
import { VaultRotation1780000000030 } from './1780000000030-vault-rotation';
import { AuditChain1780000000031 } from './1780000000031-audit-chain';
import { Nodes1780000000040 } from './1780000000040-nodes';
import { Payments1780000000050 } from './1780000000050-payments';
import { Admin1780000000060 } from './1780000000060-admin';
import { PaymentAllocation1780000000110 } from './1780000000110-payment-allocation';
import { Retention1780000000111 } from './1780000000111-retention';
import { HotUpdates1780000000112 } from './1780000000112-hot-updates';
import { IdempotentEffects1780000000130 } from './1780000000130-idempotent-effects';
import { RotationLease1780000000150 } from './1780000000150-rotation-lease';
import { PurgeDestroyedSecrets1780000000151 } from './1780000000151-purge-destroyed-secrets';
import { ProbesOfHalfOpen1780000000190 } from './1780000000190-probes-of-half-open';
import { FeedIndexForReadersOnly1780000000200 } from './1780000000200-feed-index-for-readers-only';
import { MissedRecords1780000000201 } from './1780000000201-missed-records';
import { AccessTokens1780000000310 } from './1780000000310-access-tokens';
import { NoNeighbour1780000000340 } from './1780000000340-no-neighbour';
import { DatabaseGeneration1780000000350 } from './1780000000350-database-generation';
import { PaymentsSearchedFirst1780000000351 } from './1780000000351-payments-searched-first';
import { SourceReading1780000000360 } from './1780000000360-source-reading';
import { FormerRecords1780000000370 } from './1780000000370-former-records';
import { FollowedRecords1780000000380 } from './1780000000380-followed-records';
import { ProviderSightings1780000000390 } from './1780000000390-provider-sightings';
import { ViewsAcrossModules1795961711628 } from './1795961711628-views-across-modules';
import { EventLog1795966704738 } from './1795966704738-event-log';
import { Webhooks1795966764738 } from './1795966764738-webhooks';
import { WebhookEndpointView1795981963672 } from './1795981963672-webhook-endpoint-view';
import { AuditStreams1796000875832 } from './1796000875832-audit-streams';
import { ApiKeyAddresses1796001911636 } from './1796001911636-api-key-addresses';
import { WhatTheConsoleShows1796003838020 } from './1796003838020-what-the-console-shows';
import { Approvals1796004720761 } from './1796004720761-approvals';
import { NodeKeyView1796005141391 } from './1796005141391-node-key-view';
import { Operators1796005701417 } from './1796005701417-operators';
import { SessionEndsByBoth1796006876590 } from './1796006876590-session-ends-by-both';
import { BulkRetries1796007619699 } from './1796007619699-bulk-retries';
import { HeldSince1796008476697 } from './1796008476697-held-since';
import { ClocksAndHeldPayments1796018762484 } from './1796018762484-clocks-and-held-payments';
import { ClaimsByRequest1796021210494 } from './1796021210494-claims-by-request';
import { ProviderManifests1796054083222 } from './1796054083222-provider-manifests';
import { ApprovalsOfPersons1796054559167 } from './1796054559167-approvals-of-persons';
import { RecordLabels1796071411847 } from './1796071411847-record-labels';
import { SlowEndpoints1796072052608 } from './1796072052608-slow-endpoints';
import { EndpointTurns1796096085049 } from './1796096085049-endpoint-turns';
import { KeyManagementAwaySince1796096157919 } from './1796096157919-key-management-away-since';
import { SearchesThatWait1796096949048 } from './1796096949048-searches-that-wait';
import { GateWaits1796097123568 } from './1796097123568-gate-waits';
import { CredentialExpiry1796097385849 } from './1796097385849-credential-expiry';
import { ParkedEvents1796097629088 } from './1796097629088-parked-events';
import { OverviewIndexes1796098087819 } from './1796098087819-overview-indexes';
import { WebhookEndpointNames1796127722652 } from './1796127722652-webhook-endpoint-names';
import { UnsignedDeliveries1796141827932 } from './1796141827932-unsigned-deliveries';
import { RunsByLastChange1796142685599 } from './1796142685599-runs-by-last-change';
import { GrantRefreshes1796144001919 } from './1796144001919-grant-refreshes';

/**
 * The explicit list, in order. A migration that has landed is never edited: a later one changes what it made, by
 * `online-schema`.
 */
export const MIGRATIONS = [
  Audit1780000000001,
  Vault1780000000002,
  Merchants1780000000003,
  Auth1780000000004,
  Idempotency1780000000005,
  Integrations1780000000010,
  Sync1780000000011,
  Mappings1780000000020,
  SyncVisibility1780000000021,
  VaultRotation1780000000030,
  AuditChain1780000000031,
  Nodes1780000000040,
  Payments1780000000050,
  Admin1780000000060,
  PaymentAllocation1780000000110,
  Retention1780000000111,
  HotUpdates1780000000112,
  IdempotentEffects1780000000130,
  RotationLease1780000000150,
  PurgeDestroyedSecrets1780000000151,
  ProbesOfHalfOpen1780000000190,
  FeedIndexForReadersOnly1780000000200,
  MissedRecords1780000000201,
  AccessTokens1780000000310,
  NoNeighbour1780000000340,
  DatabaseGeneration1780000000350,
  PaymentsSearchedFirst1780000000351,
  SourceReading1780000000360,
  FormerRecords1780000000370,
  FollowedRecords1780000000380,
  ProviderSightings1780000000390,
  ViewsAcrossModules1795961711628,
  EventLog1795966704738,
  Webhooks1795966764738,
  WebhookEndpointView1795981963672,
  AuditStreams1796000875832,
  ApiKeyAddresses1796001911636,
  WhatTheConsoleShows1796003838020,
  Approvals1796004720761,
  NodeKeyView1796005141391,
  Operators1796005701417,
  SessionEndsByBoth1796006876590,
  BulkRetries1796007619699,
  HeldSince1796008476697,
  ClocksAndHeldPayments1796018762484,
  ClaimsByRequest1796021210494,
  ProviderManifests1796054083222,
  ApprovalsOfPersons1796054559167,
  RecordLabels1796071411847,
  SlowEndpoints1796072052608,
  EndpointTurns1796096085049,
  KeyManagementAwaySince1796096157919,
  SearchesThatWait1796096949048,
  GateWaits1796097123568,
  CredentialExpiry1796097385849,
  ParkedEvents1796097629088,
  OverviewIndexes1796098087819,
  WebhookEndpointNames1796127722652,
  UnsignedDeliveries1796141827932,
  RunsByLastChange1796142685599,
  GrantRefreshes1796144001919,
];
