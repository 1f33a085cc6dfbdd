export { Clock, SystemClock } from './clock';
export { within } from './within';
