export { AdminModule } from './admin.module';
export { mountAdmin } from './http/mount-admin';
