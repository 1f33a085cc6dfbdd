export { Clock, SystemClock } from './clock';
export { within } from './within';
export { unlessAborted } from './unless-aborted';
