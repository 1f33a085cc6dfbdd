export { Daemon } from './daemon';
export { Daemons } from './daemons';
