export { LifecycleModule } from './lifecycle.module';
export { SyncControlService } from './sync-control.service';
