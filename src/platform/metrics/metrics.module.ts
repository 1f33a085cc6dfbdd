import { Global, Module } from '@nestjs/common';
import { MetricsController } from './http/metrics.controller';
import { Metrics } from './metrics';
import { ServiceMetrics } from './service-metrics';

@Global()
@Module({ controllers: [MetricsController], providers: [Metrics, ServiceMetrics], exports: [Metrics, ServiceMetrics] })
export class MetricsModule {}
