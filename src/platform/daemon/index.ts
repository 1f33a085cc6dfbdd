export { Daemon } from './daemon';
