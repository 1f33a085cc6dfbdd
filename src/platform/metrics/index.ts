export { Metrics } from './metrics';
export { MetricsModule } from './metrics.module';
export { ServiceMetrics } from './service-metrics';
