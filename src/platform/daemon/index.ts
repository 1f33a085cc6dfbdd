export { Daemon } from './daemon';
export { Daemons } from './daemons';
export { ExpiryDaemon } from './expiry-daemon';
