export { Retention } from './retention';
export { RetentionModule } from './retention.module';
export { type RetentionTask, RetentionTasks } from './retention-tasks';
