import { Module, type DynamicModule, type ModuleMetadata, type OnModuleInit } from '@nestjs/common';
import { AuditModule } from '../audit';
import { EventsModule } from '../events';
import { IntegrationsModule } from '../integrations';
import type { AppConfig } from '../platform/config';
import { SyncExtensions } from '../sync';
import { PaymentsController } from './http/payments.controller';
import { PaymentRequestsService } from './payment-requests.service';
import { PaymentReviews } from './payment-reviews.service';
import { PaymentTargets } from './payment-targets';
import { PushDispatcher } from './push-dispatcher';
import { ERASED, ERASED_IN_DOUBT } from './push-failure';
import { PushRetries } from './push-retries';
import { PushRunHandler } from './push-run.handler';
import { PushSteps } from './push-steps';
import { runsWithOpenPayments } from './store/open-payments';
import { OutboundPaymentRepository } from './store/outbound-payment.repository';

@Module({})
export class PaymentsModule implements OnModuleInit {
  constructor(
    private readonly extensions: SyncExtensions,
    private readonly pushRuns: PushRunHandler,
    private readonly payments: OutboundPaymentRepository,
  ) {}

  /** `imports`: the modules of syncs and mappings. */
  static forRoot(config: Pick<AppConfig, 'runsWork'>, imports: NonNullable<ModuleMetadata['imports']>): DynamicModule {
    return {
      module: PaymentsModule,
      imports: [AuditModule, EventsModule, IntegrationsModule, ...imports],
      controllers: [PaymentsController],
      providers: [
        OutboundPaymentRepository,
        PaymentTargets,
        PaymentRequestsService,
        PaymentReviews,
        PushSteps,
        PushRetries,
        PushRunHandler,
        ...(config.runsWork ? [PushDispatcher] : []),
      ],
      exports: [PaymentReviews],
    };
  }

  onModuleInit(): void {
    this.extensions.registerHandler(this.pushRuns);
    this.extensions.registerOpenPushes(runsWithOpenPayments);
    this.extensions.registerEraser((tx, { id }) =>
      this.payments.eraseTraces(tx, id, { certain: ERASED, inDoubt: ERASED_IN_DOUBT }),
    );
  }
}
