export { Drain } from './drain';
export { shutDownGracefully } from './graceful-shutdown';
export { HealthModule } from './health.module';
export { Readiness } from './readiness';
export type { Store } from './readiness';
