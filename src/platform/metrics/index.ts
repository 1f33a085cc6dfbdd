export { Metrics } from './metrics';
export { openMetricsListener } from './metrics-listener';
export { MetricsModule } from './metrics.module';
export { ServiceMetrics } from './service-metrics';
