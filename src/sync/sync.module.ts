import { BullModule, getQueueToken } from '@nestjs/bullmq';
import { Module, Optional, type DynamicModule, type OnModuleInit } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { AuditModule } from '../audit';
import { EventsModule } from '../events';
import { IdempotencyModule } from '../idempotency';
import { IntegrationsModule } from '../integrations';
import type { AppConfig } from '../platform/config';
import { queueShards } from '../platform/queue';
import { RetentionTasks } from '../platform/retention';
import { ProvidersModule } from '../providers';
import { DeletionPlans } from './deletion-plans';
import { DeletionReconciliation } from './deletion-reconciliation';
import { Dispatcher } from './dispatcher';
import { EraseRunHandler } from './erase-run.handler';
import { FeedAnnouncer } from './feed-announcer';
import { FilterProof } from './filter-proof';
import { FollowUp } from './follow-up';
import { FormerRecords } from './former-records';
import { RecordsController } from './http/records.controller';
import { SyncLogsController } from './http/sync-logs.controller';
import { WatermarksController } from './http/watermarks.controller';
import { RunProcessor } from './jobs/run.processor';
import { LogRetries } from './log-retries';
import { PageCommit } from './page-commit';
import { Reconciler } from './reconciler';
import { RecordFeed } from './record-feed';
import { RunExecutor } from './run-executor';
import { RunFence } from './run-fence';
import { RunOutcomes } from './run-outcomes';
import { RunRequests } from './run-requests';
import { RunWork } from './run-work';
import { RunQueue, RUNS_QUEUE, type RunJob } from './run.queue';
import { AnnouncementRepository } from './store/announcement.repository';
import { CursorRepository } from './store/cursor.repository';
import { DeletionPlanRepository } from './store/deletion-plan.repository';
import { ErasureRepository } from './store/erasure.repository';
import { ExplainRepository } from './store/explain.repository';
import { FeedRepository } from './store/feed.repository';
import { FollowedRecordRepository } from './store/followed-record.repository';
import { FormerRecordRepository } from './store/former-record.repository';
import { HealthRepository } from './store/health.repository';
import { LogQueryRepository } from './store/log-query.repository';
import { LogRetryRepository } from './store/log-retry.repository';
import { LogRepository } from './store/log.repository';
import { ProviderBreakerRepository } from './store/provider-breaker.repository';
import { QuarantineRepository } from './store/quarantine.repository';
import { RecordRepository } from './store/record.repository';
import { RetentionRepository } from './store/retention.repository';
import { RunEndRepository } from './store/run-end.repository';
import { RunRepository } from './store/run.repository';
import { ScheduleRepository } from './store/schedule.repository';
import { StatsRepository } from './store/stats.repository';
import { SyncedItemRepository } from './store/synced-item.repository';
import { WatermarkRepository } from './store/watermark.repository';
import { StreamSync } from './stream-sync';
import { SyncExplainer } from './sync-explainer';
import { SyncExtensions } from './sync-extensions';
import { SyncLifecycle } from './sync-lifecycle';
import { SyncReads } from './sync-reads';
import { SyncRetention } from './sync-retention';
import { SyncRunHandler } from './sync-run.handler';
import { SyncedRecords } from './synced-records';
import { Watermarks } from './watermarks';

const STORES = [
  AnnouncementRepository,
  CursorRepository,
  DeletionPlanRepository,
  ErasureRepository,
  ExplainRepository,
  FeedRepository,
  FormerRecordRepository,
  HealthRepository,
  LogQueryRepository,
  LogRepository,
  LogRetryRepository,
  ProviderBreakerRepository,
  QuarantineRepository,
  RecordRepository,
  RetentionRepository,
  RunEndRepository,
  RunRepository,
  ScheduleRepository,
  StatsRepository,
  SyncedItemRepository,
  WatermarkRepository,
];

/** What takes runs off the queue and puts them there; the api role has none of it. */
const WORK = [RunProcessor, Dispatcher, Reconciler, FeedAnnouncer];

@Module({})
export class SyncModule implements OnModuleInit {
  /** Of the queues of runs, for who looks at them. */
  static queueNames(config: Pick<AppConfig, 'redisUrl' | 'queueShards'>): string[] {
    return queueShards(RUNS_QUEUE, config).map(({ name }) => name);
  }

  constructor(
    private readonly extensions: SyncExtensions,
    private readonly syncRuns: SyncRunHandler,
    private readonly eraseRuns: EraseRunHandler,
    private readonly retention: SyncRetention,
    @Optional() private readonly retentionTasks?: RetentionTasks,
  ) {}

  static forRoot(config: Pick<AppConfig, 'runsWork' | 'redisUrl' | 'queueShards'>): DynamicModule {
    const shards = queueShards(RUNS_QUEUE, config);
    return {
      module: SyncModule,
      imports: [
        AuditModule,
        EventsModule,
        IdempotencyModule,
        IntegrationsModule,
        ProvidersModule,
        BullModule.registerQueue(...shards),
      ],
      controllers: [SyncLogsController, RecordsController, WatermarksController],
      providers: [
        ...STORES,
        SyncExtensions,
        RunWork,
        SyncedRecords,
        {
          provide: RunQueue,
          useFactory: (...queues: Queue<RunJob>[]) => new RunQueue(queues),
          inject: shards.map(({ name }) => getQueueToken(name)),
        },
        RunRequests,
        RunOutcomes,
        RunExecutor,
        PageCommit,
        RunFence,
        StreamSync,
        DeletionPlans,
        DeletionReconciliation,
        FilterProof,
        FormerRecords,
        FollowUp,
        FollowedRecordRepository,
        SyncRunHandler,
        EraseRunHandler,
        SyncLifecycle,
        SyncRetention,
        SyncExplainer,
        RecordFeed,
        SyncReads,
        LogRetries,
        Watermarks,
        ...(config.runsWork ? WORK : []),
      ],
      exports: [SyncExtensions, RunWork, SyncedRecords, SyncLifecycle, SyncExplainer, LogRetries, DeletionPlans],
    };
  }

  onModuleInit(): void {
    this.extensions.registerHandler(this.syncRuns);
    this.extensions.registerHandler(this.eraseRuns);
    this.retentionTasks?.register(...this.retention.tasks());
  }
}
